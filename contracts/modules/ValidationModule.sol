// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PausableModule} from "./PausableModule.sol";

/// @title ValidationModule
/// @notice Chooses and counts validators; here only what an operator touches: owner, pauser, version.
contract ValidationModule is PausableModule {
    constructor(address owner_) PausableModule(owner_) {}
}
