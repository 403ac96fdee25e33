// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IPausable} from "./interfaces/IModules.sol";

/// @title PauseGuard
/// @notice Gives its guardians exactly one power: to pause. Made the pauser of other contracts, it turns "a key that may
///         only pause" from a wish into a fact, since it has no way to unpause or to call anything else.
/// @dev The owner chooses the guardians and can't pause without being one.
contract PauseGuard is Ownable {
    /// @notice What became of a target: paused now, paused already, or it could not be paused.
    enum Outcome {
        Paused,
        Skipped,
        Failed
    }

    /// @notice Who may pause.
    mapping(address account => bool) public guardians;

    event GuardianUpdated(address indexed guardian, bool allowed);
    event TargetPaused(address indexed target, address indexed guardian);
    event TargetSkipped(address indexed target, address indexed guardian);
    /// @notice `reason` is the target's revert data; empty when it has no code or says afterwards that it isn't paused.
    event TargetFailed(address indexed target, address indexed guardian, bytes reason);

    /// @notice The caller isn't a guardian.
    error NotGuardian();
    /// @notice A guardian can't be the zero address.
    error ZeroAddress();

    constructor(address owner_) Ownable(owner_) {}

    /// @notice Makes an address a guardian, or no longer. Owner only.
    /// @dev Reverts OwnableUnauthorizedAccount, ZeroAddress. Emits GuardianUpdated, also for the same value.
    function setGuardian(address guardian, bool allowed) external onlyOwner {
        if (guardian == address(0)) revert ZeroAddress();
        guardians[guardian] = allowed;
        emit GuardianUpdated(guardian, allowed);
    }

    /// @notice Pauses what it can of `targets`: one that is paused already is skipped, one that refuses doesn't keep the
    ///         others from being paused. Guardians only.
    /// @dev Reverts NotGuardian, and for nothing else. Emits TargetPaused, TargetSkipped or TargetFailed for each.
    /// @return outcomes One for each target, in order.
    function pause(address[] calldata targets) external returns (Outcome[] memory outcomes) {
        if (!guardians[msg.sender]) revert NotGuardian();
        uint256 count = targets.length;
        outcomes = new Outcome[](count);
        for (uint256 i; i < count; ++i) {
            outcomes[i] = _pause(targets[i]);
        }
    }

    function _pause(address target) private returns (Outcome) {
        if (_isPaused(target)) {
            emit TargetSkipped(target, msg.sender);
            return Outcome.Skipped;
        }
        (bool ok, bytes memory reason) = target.call(abi.encodeCall(IPausable.pause, ()));
        if (ok && _isPaused(target)) {
            emit TargetPaused(target, msg.sender);
            return Outcome.Paused;
        }
        emit TargetFailed(target, msg.sender, ok ? bytes("") : reason);
        return Outcome.Failed;
    }

    /// @dev False where nothing readable answers, so that the call to `pause` decides.
    function _isPaused(address target) private view returns (bool) {
        (bool ok, bytes memory answer) = target.staticcall(abi.encodeCall(IPausable.paused, ()));
        return ok && answer.length == 32 && uint256(bytes32(answer)) == 1;
    }
}
