// A kind with one field of every shape and one rule of every sort, as a kind file of one's own.

export const sampleKind = `apiVersion: mooring/v1
kind: Kind
name: Sample
description: Every shape of field.
extends: [Pausable]
abi:
  - function report(uint256 round, address validator, uint256 amount, address recipient, string reason)
  - event Reported(uint256 indexed round, address indexed validator, uint256 amount, address indexed recipient, string reason)
  - function share() view returns (uint16)
  - function rest() view returns (uint16)
  - function setShares(uint16 share, uint16 rest)
  - function low() view returns (uint256)
  - function high() view returns (uint256)
  - function setBounds(uint256 low, uint256 high)
  - function stake() view returns (uint256)
  - function setStake(uint256 stake)
  - function wait() view returns (uint256)
  - function setWait(uint256 wait)
  - function slash() view returns (uint16)
  - function setSlash(uint16 slash)
  - function gain() view returns (int256)
  - function setGain(int256 gain)
  - function floor() view returns (uint256)
  - function setFloor(uint256 floor)
  - function treasury() view returns (address)
  - function setTreasury(address treasury)
  - function boss() view returns (address)
  - function setBoss(address boss)
  - function allowed(address account) view returns (bool)
  - function setAllowed(address account, bool flag)
  - function level(uint8 role) view returns (int256)
  - function setLevel(uint8 role, int256 value)
  - function unsetLevel(uint8 role)
  - function hasRole(bytes32 role, address account) view returns (bool)
  - function grantRole(bytes32 role, address account)
  - function revokeRole(bytes32 role, address account)
  - function types() view returns ((address nft, uint256 pct)[])
  - function setType(address nft, uint256 pct)
  - function removeType(address nft)
  - function tag() view returns (bytes32)
  - function setTag(bytes32 tag)
  - function rounds() view returns (uint256)
  - error InvalidSplit()
  - event AllowedUpdated(address indexed account, bool allowed)
  - event LevelUpdated(uint8 role, int256 value)
  - event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender)
  - event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender)
access: [owner]
fields:
  share: { description: A share., unit: bps, risk: ambiguous }
  rest: { description: The rest., unit: bps, risk: ambiguous }
  low: { description: Lower bound., unit: count, risk: ambiguous }
  high: { description: Upper bound., unit: count, risk: ambiguous, zeroMeans: "off" }
  stake: { description: What is locked., unit: token, risk: { up: reduce, down: increase }, min: 1 }
  wait: { description: How long., unit: seconds, risk: { up: reduce, down: increase }, max: 31536000 }
  slash: { description: What is lost., unit: percentOrBps, risk: ambiguous }
  gain: { description: A factor., unit: fixed18, risk: ambiguous, ownedElsewhere: paused }
  floor: { description: A floor., unit: count, risk: ambiguous, zeroMeans: keep }
  treasury: { description: Where money goes., risk: ambiguous }
  boss: { description: The owner., getter: boss, risk: ambiguous, nonZero: true, aliasOf: owner }
  allowed:
    description: Who may.
    risk: { up: increase, down: reduce }
    nonZero: true
    members: { event: AllowedUpdated, member: account, flag: allowed }
  level:
    description: By role.
    unit: fixed18
    risk: ambiguous
    keys: { agent: 0, validator: 1 }
    unset: { event: LevelUpdated, key: role, value: value, unsetValue: 0 }
  roles:
    description: By role.
    getter: hasRole
    risk: { up: increase, down: reduce }
    members: { added: RoleGranted, removed: RoleRevoked, member: account, key: role }
  types:
    description: Payouts.
    unit: percent
    risk: ambiguous
    entries: true
  tag: { description: A mark., risk: ambiguous }
  rounds: { description: How many., unit: count, risk: ambiguous }
slashes: { function: report, event: Reported, access: [owner] }
setters:
  - { function: setShares, sets: [share, rest] }
  - { function: setBounds, sets: [low, high] }
  - { function: setStake, sets: [stake] }
  - { function: setWait, sets: [wait] }
  - { function: setSlash, sets: [slash] }
  - { function: setGain, sets: [gain] }
  - { function: setFloor, sets: [floor] }
  - { function: setTreasury, sets: [treasury] }
  - { function: setBoss, sets: [boss] }
  - { function: setAllowed, toggles: allowed }
  - { function: setLevel, setsKey: level }
  - { function: unsetLevel, unsetsKey: level }
  - { function: grantRole, adds: roles }
  - { function: revokeRole, removes: roles }
  - { function: setType, upserts: types }
  - { function: removeType, removesEntry: types }
  - { function: setTag, sets: [tag] }
rules:
  - { sum: [share, rest], min: 1, max: 10000, group: true, revert: InvalidSplit(), message: the shares sum to at most 100 % }
  - { order: { lower: low, upper: high, zeroIsOff: true }, message: low is at most high }
  - { notEqual: { field: treasury, other: owner, zeroPasses: true }, message: the treasury is not the owner }
  - { memberOf: { field: treasury, set: allowed, zeroPasses: true }, message: the treasury is allowed }
  - { count: { of: types, max: 2 }, message: at most two types }
  - { linked: { via: treasury, set: allowed }, message: the treasury must admit this contract }
`;
