import { type Scenario, set, within } from '../scenario.ts';

// Field failure 10, the other way: narrowing the bounds clamps the temperature.
export const scenario: Scenario = {
  says: 'shows that narrower bounds move the temperature, which is then within its declared range',
  change: { thermostat: [set('maxTemp', '0.8'), within('systemTemperature', '0.5', '0.8')] },
  exit: 0,
  calls: ['thermostat.setTemperatureBounds'],
};
