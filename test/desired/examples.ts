// A complete example of each trusted file, for the sample kind.

export const environmentExample = `apiVersion: mooring/v1
kind: Environment
chainId: 31337
rpc:
  - \${RPC_URL}
  - https://rpc.example.org/v2/\${RPC_TOKEN}
production: true
confirmations: 5
finality: safe
signers:
  account-a:
    key: { env: OPERATOR_KEY }
  backup:
    address: "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
    key: { keystore: keys/backup.json, passphraseEnv: BACKUP_PASSPHRASE }
tokens: { AGIALPHA: 18, USDC: 6 }
logLimit: 5000
logRange: 100000
concurrency: 4
maxFeePerGas: 50 gwei
explorer: https://explorer.example.org/tx/
journal: { remote: upstream, branch: mooring/production }
`;

export const policyExample = `apiVersion: mooring/v1
kind: Policy
approvals:
  reduce: 0
  increase: 1
  ambiguous: { count: 2, teams: [security] }
paths:
  - match: contracts/sample*.yaml
    approvals: { count: 2, teams: [treasury] }
limits:
  - match: sample.share
    min: 1%
    max: 90%
    maxStep: 5%
    maxRelativeStep: 50%
  - match: Sample.stake
    max: 1000 AGIALPHA
  - match: "*.owner"
    frozen: true
freezes:
  - from: 2026-12-24T00:00:00Z
    to: 2027-01-02T00:00:00Z
    allow: [reduce]
    reason: holidays
invariants:
  - name: the lower bound is below the upper one
    left: sample.low
    op: "<="
    right: sample.high
  - name: money stays locked for a week
    left: sample.wait
    op: ">="
    right: 7 days
  - name: it runs
    left: sample.paused
    op: "="
    right: false
requireProof: true
minPausers: 2
loops:
  thermostat: { fields: [sample.level.*] }
  sentinel: { pauseSigner: account-a }
`;

export const liftsExample = `apiVersion: mooring/v1
kind: Lifts
lifts:
  - contract: sample
    field: allowed
    member: account-a
    transaction: "0x7c1bb3fe4b8e9d3f0a5c2d6e8f9a0b1c2d3e4f5061728394a5b6c7d8e9f00112"
    reason: the key was not lost after all
    by: security team
`;

export const ignoresExample = `apiVersion: mooring/v1
kind: Ignores
ignores:
  - contract: sample
    field: allowed
    member: account-a
    until: 2026-12-31T00:00:00Z
    owner: operations
    reason: the machine moves to another host
`;

export const digestExample = '3f1b0c9d5e7a82461f0e9d8c7b6a59483726150f4e3d2c1b0a9f8e7d6c5b4a39';

export const approvalExample = `apiVersion: mooring/v1
kind: Approval
changes:
  - "sample.allowed[0x70997970C51812dc3A010C7d01b50e0d17dc79C8]"
  - sample.level.agent
pullRequest: 41
reason: the first run stopped for lack of gas money
`;

export const actExample = `apiVersion: mooring/v1
kind: Act
act: slash
contract: sample
fromBlock: 1
round: 12
validator: account-a
amount: 5 AGIALPHA
recipient: account-b
reason: judged without looking
`;

export const addressesExample = `apiVersion: mooring/v1
kind: AddressBook
addresses:
  account-a: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
  account-b: "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
  account-c: "0x90F79bf6EB2c4f870365E785982E1f101E93b906"
`;

export const incidentExample = '2026-11-26-oracle-fault';

export const resumeExample = `apiVersion: mooring/v1
kind: Resume
components: [arena, stake-manager]
rootCause: the oracle gave a price of zero
roles: as declared
parameters: as declared
firstRound: starts
by: alice
`;
