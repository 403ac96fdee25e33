import { type Scenario, set, within } from '../scenario.ts';

// Field failure 10: a temperature is set before the bounds that allow it.
export const scenario: Scenario = {
  says: 'widens the bounds before it sets the temperature',
  change: { thermostat: [set('maxTemp', '4.0'), within('systemTemperature', '3.5', '4.0'), set('roleTemperature.agent', '3.8')] },
  exit: 0,
  calls: ['thermostat.setTemperatureBounds', 'thermostat.setSystemTemperature', 'thermostat.setRoleTemperature'],
};
