// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PausableModule} from "./PausableModule.sol";

/// @title ArbitratorCommittee
/// @notice Decides disputes; here only what an operator touches: owner, pauser, version.
contract ArbitratorCommittee is PausableModule {
    constructor(address owner_) PausableModule(owner_) {}
}
