// mooring incident sync: records of pauses that were made while nobody could be told.
import { exitCodes } from '../errors.ts';
import { type Command, type Context, errorFormat, type Options } from './command.ts';
import { byOption, openDesk } from './incident/open-desk.ts';
import { syncIncidents } from './incident/sync.ts';
import { repositoryOptions } from './pr/repository.ts';

export const incidentSync: Command = {
  spec: {
    name: 'incident sync',
    summary: 'put this checkout’s pauses on record, and into a pull request',
    description: [
      'Uploads the records of break-glass of this checkout to the open incident that they belong to, opens its issue where there is none yet, and',
      'opens or updates the pull request that writes the pauses into YAML. Safe to run again and again. incident open, show and close do it first.',
    ],
    options: { ...byOption, ...repositoryOptions, format: errorFormat },
    exits: ['badInput'],
    examples: ['mooring incident sync --env mainnet'],
  },
  async run(context: Context, options: Options) {
    const desk = await openDesk(context, options);
    const lines = await syncIncidents(desk);
    context.stdout(lines.length === 0 ? 'Nothing to put on record.\n' : `${lines.map(desk.say).join('\n')}\n`);
    return exitCodes.done;
  },
};
