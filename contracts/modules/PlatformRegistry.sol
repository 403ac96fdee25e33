// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PausableModule} from "./PausableModule.sol";

/// @title PlatformRegistry
/// @notice Keeps the platforms; here only what an operator touches: owner, pauser, version.
contract PlatformRegistry is PausableModule {
    constructor(address owner_) PausableModule(owner_) {}
}
