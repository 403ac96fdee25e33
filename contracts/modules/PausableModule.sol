// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

/// @title PausableModule
/// @notice What the small modules share: an owner, a pauser beside it, and a version.
/// @dev Make a PauseGuard the pauser: a plain key as pauser may also *unpause*.
abstract contract PausableModule is Ownable, Pausable {
    /// @notice Generation of the module; others refuse to be wired to anything but 2.
    uint256 public constant version = 2;

    /// @notice May pause and unpause, beside the owner; zero for nobody.
    address public pauser;
    /// @notice May replace the pauser, beside the owner; zero for nobody.
    address public pauserManager;

    event PauserUpdated(address indexed pauser);
    event PauserManagerUpdated(address indexed pauserManager);

    /// @notice The caller is neither owner nor pauser.
    error NotOwnerOrPauser();
    /// @notice The caller is neither owner nor pauser manager.
    error NotOwnerOrPauserManager();

    modifier onlyOwnerOrPauser() {
        if (msg.sender != owner() && msg.sender != pauser) revert NotOwnerOrPauser();
        _;
    }

    constructor(address owner_) Ownable(owner_) {}

    /// @notice Names the pauser; zero for nobody. Owner or pauser manager.
    /// @dev Reverts NotOwnerOrPauserManager. Emits PauserUpdated, also for the same value.
    function setPauser(address newPauser) external {
        if (msg.sender != owner() && msg.sender != pauserManager) revert NotOwnerOrPauserManager();
        pauser = newPauser;
        emit PauserUpdated(newPauser);
    }

    /// @notice Names who may replace the pauser; zero for nobody. Owner only.
    /// @dev Reverts OwnableUnauthorizedAccount. Emits PauserManagerUpdated, also for the same value.
    function setPauserManager(address newManager) external onlyOwner {
        pauserManager = newManager;
        emit PauserManagerUpdated(newManager);
    }

    /// @notice Stops the module. Owner or pauser.
    /// @dev Reverts NotOwnerOrPauser, EnforcedPause when paused already. Emits Paused.
    function pause() external onlyOwnerOrPauser {
        _pause();
    }

    /// @notice Starts the module again. Owner or pauser.
    /// @dev Reverts NotOwnerOrPauser, ExpectedPause when not paused. Emits Unpaused.
    function unpause() external onlyOwnerOrPauser {
        _unpause();
    }
}
