// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IVersioned} from "../interfaces/IModules.sol";

/// @title VersionCheck
/// @notice Asks a contract for its version without ever reverting itself.
library VersionCheck {
    uint256 internal constant EXPECTED = 2;

    /// @dev A call to an address without code succeeds with an empty answer, which is too short.
    /// @return True when `module` has code and its `version()` is 2. False for the zero address, for an address without
    ///         code, and for a contract that doesn't answer.
    function isCurrent(address module) internal view returns (bool) {
        (bool ok, bytes memory answer) = module.staticcall(abi.encodeCall(IVersioned.version, ()));
        return ok && answer.length == 32 && abi.decode(answer, (uint256)) == EXPECTED;
    }
}
