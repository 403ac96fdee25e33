// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IDisputeCounter} from "../interfaces/IModules.sol";
import {PausableModule} from "./PausableModule.sol";

/// @title DisputeModule
/// @notice Takes disputes and tells the StakeManager, whose automatic stake floor counts them.
contract DisputeModule is PausableModule {
    /// @notice The StakeManager that is told.
    IDisputeCounter public immutable stakeManager;
    /// @notice Disputes raised so far.
    uint256 public disputeCount;

    event DisputeRaised(uint256 indexed jobId, address indexed claimant, string reason);

    constructor(address owner_, IDisputeCounter stakeManager_) PausableModule(owner_) {
        stakeManager = stakeManager_;
    }

    /// @notice Raises a dispute about a job. Owner only: people reach it through their employer's tooling.
    /// @dev Reverts OwnableUnauthorizedAccount, EnforcedPause, Unauthorized when the StakeManager doesn't know this module.
    function raiseDispute(uint256 jobId, string calldata reason) external onlyOwner whenNotPaused {
        disputeCount++;
        emit DisputeRaised(jobId, msg.sender, reason);
        stakeManager.recordDispute();
    }
}
