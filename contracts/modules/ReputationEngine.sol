// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PausableModule} from "./PausableModule.sol";

/// @title ReputationEngine
/// @notice Keeps reputations; here only what an operator touches: owner, pauser, version.
contract ReputationEngine is PausableModule {
    constructor(address owner_) PausableModule(owner_) {}
}
