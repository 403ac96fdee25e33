// Every scenario of the `key` variant, on Anvil.
import { useScenarios } from './use-scenarios.ts';

useScenarios('key', 'anvil');
