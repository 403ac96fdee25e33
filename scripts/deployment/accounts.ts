// Who is who on a development chain. The keys are those that Anvil and Hardhat's network give money to, and publicly known.
import { HDNodeWallet } from 'ethers/wallet';
import type { Address, Hex } from '../../src/types.ts';

export type Account = { address: Address; privateKey: Hex };

const names = [
  'owner',
  'orchestratorA',
  'orchestratorB',
  'guardian',
  'treasury',
  'validator',
  'teacher',
  'student',
  'lockManager',
  'stranger',
  'orchestratorC',
] as const;

/** What an account is for. `owner` also deploys; `stranger` has no power anywhere. */
export type AccountName = (typeof names)[number];
export type Accounts = Readonly<Record<AccountName, Account>>;

const phrase = 'test test test test test test test test test test test junk';

/** The first eleven accounts of the development phrase, at m/44'/60'/0'/0/0 and on. */
export function devAccounts(): Accounts {
  const parent = HDNodeWallet.fromPhrase(phrase, undefined, "m/44'/60'/0'/0");
  const accounts = names.map((name, index) => {
    const { address, privateKey } = parent.deriveChild(index);
    return [name, { address, privateKey }] as const;
  });
  return Object.fromEntries(accounts) as Accounts;
}
