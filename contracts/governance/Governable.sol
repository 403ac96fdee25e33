// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Governable
/// @notice One address, the governance, may change things. `owner()` is another name of it, so that tools that know
///         OpenZeppelin's Ownable find it.
abstract contract Governable {
    /// @notice Who may change things: a key, a Safe, a timelock or a SystemPause.
    address public governance;

    /// @notice The governance is now `governance`.
    event GovernanceUpdated(address indexed governance);
    /// @notice The same, in the words of Ownable.
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);

    /// @notice The caller isn't the governance.
    error NotGovernance();
    /// @notice An address that must not be zero is.
    error ZeroAddress();

    modifier onlyGovernance() {
        if (msg.sender != governance) revert NotGovernance();
        _;
    }

    constructor(address governance_) {
        _setGovernance(governance_);
    }

    /// @notice Hands everything to `newGovernance`, in one step.
    /// @dev Reverts NotGovernance, ZeroAddress. Emits GovernanceUpdated and OwnershipTransferred, also for the same value.
    function setGovernance(address newGovernance) external onlyGovernance {
        _setGovernance(newGovernance);
    }

    /// @notice The governance, in the words of Ownable.
    function owner() public view returns (address) {
        return governance;
    }

    function _setGovernance(address newGovernance) internal {
        if (newGovernance == address(0)) revert ZeroAddress();
        address previous = governance;
        governance = newGovernance;
        emit GovernanceUpdated(newGovernance);
        emit OwnershipTransferred(previous, newGovernance);
    }
}
