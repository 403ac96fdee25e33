// Every scenario of the `governed` variant, on Hardhat’s network.
import { useScenarios } from './use-scenarios.ts';

useScenarios('governed', 'hardhat');
