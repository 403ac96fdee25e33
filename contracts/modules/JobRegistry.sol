// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IJobBook} from "../interfaces/IModules.sol";
import {PausableModule} from "./PausableModule.sol";

/// @title JobRegistry
/// @notice Numbers jobs, from 1, and remembers who posted them and what they are about.
contract JobRegistry is PausableModule, IJobBook {
    /// @notice Jobs created so far; the latest has this id.
    uint256 public jobCount;
    /// @notice Who posted a job.
    mapping(uint256 jobId => address employer) public employers;

    /// @notice `specification` is the hash of the job's text.
    event JobCreated(uint256 indexed jobId, address indexed employer, bytes32 specification);

    constructor(address owner_) PausableModule(owner_) {}

    /// @notice Posts a job. Anyone, unless paused.
    /// @dev Reverts EnforcedPause. Emits JobCreated.
    /// @return jobId Counts up from 1.
    function createJob(bytes32 specification) external whenNotPaused returns (uint256 jobId) {
        jobId = ++jobCount;
        employers[jobId] = msg.sender;
        emit JobCreated(jobId, msg.sender, specification);
    }

    /// @inheritdoc IJobBook
    function jobExists(uint256 jobId) external view returns (bool) {
        return jobId != 0 && jobId <= jobCount;
    }
}
