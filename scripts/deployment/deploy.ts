// Deploys all our contracts to a JSON-RPC node and sets them up. Used by the tests, the demo and the embedded chain.
import { AbiCoder, Interface, type JsonFragment } from 'ethers/abi';
import { getCreateAddress } from 'ethers/address';
import type { Address, Hex } from '../../src/types.ts';
import { type Accounts, devAccounts } from './accounts.ts';
import { type Artifact, type Artifacts, artifactOf, loadArtifacts } from './artifacts.ts';
import { type Addresses, type ContractEntry, type ContractName, contractList } from './contract-list.ts';
import { initialCalls, type Variant } from './initial-state.ts';
import { connectSender, type Sender } from './sender.ts';

/** `kind` is the Solidity contract's name; `fromBlock` the block in which it was created. */
export type DeployedContract = { address: Address; kind: string; fromBlock: bigint };

export type Deployment = {
  url: string;
  chainId: bigint;
  variant: Variant;
  accounts: Accounts;
  addresses: Addresses;
  /** JSON ABI by the name under which the contract is deployed. */
  abis: Readonly<Record<ContractName, readonly JsonFragment[]>>;
  manifest: Readonly<Record<ContractName, DeployedContract>>;
};

/**
 * Deploys to `url`, whose chain must know the development accounts (Anvil, Hardhat's network). On a fresh chain the
 * addresses are the same every time, in both variants. `governed` differs by its last transactions: the eight modules
 * belong to SystemPause.
 *
 * SIDE EFFECTS: sends some 60 transactions, each once the one before is mined; compiles when a source has changed.
 */
export async function deployAll(options: { url: string; variant: Variant }): Promise<Deployment> {
  const { url, variant } = options;
  const artifacts = await loadArtifacts();
  const accounts = devAccounts();
  const sender = await connectSender({ url, privateKey: accounts.owner.privateKey });
  const addresses = predictAddresses(sender);
  const manifest = await createContracts({ sender, artifacts, addresses });
  const abis = Object.fromEntries(contractList.map(({ name, kind }) => [name, artifactOf(artifacts, kind).abi])) as Deployment['abis'];
  for (const call of initialCalls({ at: addresses, accounts, variant })) {
    const data = new Interface(abis[call.on]).encodeFunctionData(call.function, call.args);
    await sender.send({ to: addresses[call.on], data, what: `${call.on}.${call.function}` });
  }
  return { url, chainId: sender.chainId, variant, accounts, addresses, abis, manifest };
}

/** Addresses follow from the sender's nonce, so contracts can name each other before they exist. */
function predictAddresses(sender: Sender): Addresses {
  const first = sender.nextNonce();
  const all = contractList.map(({ name }, index) => [name, getCreateAddress({ from: sender.address, nonce: first + index })]);
  return Object.fromEntries(all) as Addresses;
}

async function createContracts(options: { sender: Sender; artifacts: Artifacts; addresses: Addresses }): Promise<Deployment['manifest']> {
  const { sender, artifacts, addresses } = options;
  const deployed: [ContractName, DeployedContract][] = [];
  for (const entry of contractList) {
    const data = creationCode({ entry, artifact: artifactOf(artifacts, entry.kind), addresses, owner: sender.address });
    const { block } = await sender.send({ data, what: `creation of ${entry.name}` });
    deployed.push([entry.name, { address: addresses[entry.name], kind: entry.kind, fromBlock: block }]);
  }
  return Object.fromEntries(deployed) as Deployment['manifest'];
}

function creationCode(options: { entry: ContractEntry; artifact: Artifact; addresses: Addresses; owner: Address }): Hex {
  const { entry, artifact, addresses, owner } = options;
  const { inputs } = new Interface(artifact.abi).deploy;
  return artifact.bytecode + AbiCoder.defaultAbiCoder().encode(inputs, entry.args(addresses, owner)).slice(2);
}
