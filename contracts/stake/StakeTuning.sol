// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IDisputeCounter, IHamiltonian, ITemperature} from "../interfaces/IModules.sol";
import {StakeWiring} from "./StakeWiring.sol";

/// @title StakeTuning
/// @notice The automatic stake floor: raises `minStake` under pressure, lowers it in quiet times.
/// @dev Pressure is disputes · `disputeWeight`, plus `temperatureWeight` while the temperature is above its threshold,
///      plus `hamiltonianWeight` while the energy is above its own. While tuning is on, `minStake` isn't git's alone.
abstract contract StakeTuning is StakeWiring, IDisputeCounter {
    /// @notice True: `checkpointStake` rewrites `minStake`.
    bool public autoStakeTuning;
    /// @notice Disputes since the last move.
    uint256 public disputeCount;
    /// @notice Time of the last move, epoch seconds.
    uint256 public lastStakeTune;

    /// @notice Pressure from which `minStake` goes up.
    uint256 public stakeDisputeThreshold = 10;
    /// @notice How far it goes up, percent of its value.
    uint256 public stakeIncreasePct = 20;
    /// @notice How far it goes down without pressure, percent of its value; 100 and more mean down to the floor.
    uint256 public stakeDecreasePct = 10;
    /// @notice Seconds between two moves.
    uint256 public stakeTuneWindow = 1 weeks;
    /// @notice Lowest `minStake` that tuning sets, token wei.
    uint256 public minStakeFloor = 1 ether;
    /// @notice Highest `minStake` that tuning sets, token wei; 0 = no limit.
    uint256 public maxMinStake;
    /// @notice Temperature above which `temperatureWeight` counts, 18 decimals.
    int256 public stakeTempThreshold;
    /// @notice Energy above which `hamiltonianWeight` counts, 18 decimals.
    int256 public stakeHamiltonianThreshold;
    /// @notice Pressure of one dispute.
    uint256 public disputeWeight = 1;
    /// @notice Pressure of a high temperature.
    uint256 public temperatureWeight;
    /// @notice Pressure of a high energy.
    uint256 public hamiltonianWeight;

    /// @notice Turns tuning on or off.
    /// @dev Emits AutoStakeTuningEnabled, also for the same value; no ParametersUpdated.
    function autoTuneStakes(bool enabled) external onlyGovernance {
        autoStakeTuning = enabled;
        emit AutoStakeTuningEnabled(enabled);
    }

    /// @notice Sets how tuning works; units as at the getters.
    /// @dev A `window` or `floor` of 0 keeps the stored one. Emits AutoStakeConfigUpdated; no ParametersUpdated.
    function configureAutoStake(
        uint256 threshold,
        uint256 increasePct,
        uint256 decreasePct,
        uint256 window,
        uint256 floor,
        uint256 ceil,
        int256 tempThreshold,
        int256 hThreshold,
        uint256 disputeWeight_,
        uint256 tempWeight,
        uint256 hamWeight
    ) external onlyGovernance {
        stakeDisputeThreshold = threshold;
        stakeIncreasePct = increasePct;
        stakeDecreasePct = decreasePct;
        if (window != 0) stakeTuneWindow = window;
        if (floor != 0) minStakeFloor = floor;
        maxMinStake = ceil;
        stakeTempThreshold = tempThreshold;
        stakeHamiltonianThreshold = hThreshold;
        disputeWeight = disputeWeight_;
        temperatureWeight = tempWeight;
        hamiltonianWeight = hamWeight;
        _emitConfig();
    }

    /// @notice Moves `minStake` when it is time to. Anyone, also while paused.
    /// @dev Does nothing while tuning is off or the window since the last move hasn't passed. Emits MinStakeUpdated when
    ///      it moves; no ParametersUpdated.
    function checkpointStake() external {
        if (!autoStakeTuning || block.timestamp < lastStakeTune + stakeTuneWindow) return;
        uint256 pressure = _pressure();
        uint256 tuned = minStake;
        if (pressure != 0 && pressure >= stakeDisputeThreshold) {
            tuned += (tuned * stakeIncreasePct) / 100;
        } else if (pressure == 0) {
            tuned = stakeDecreasePct >= 100 ? 0 : tuned - (tuned * stakeDecreasePct) / 100;
        }
        lastStakeTune = block.timestamp;
        disputeCount = 0;
        tuned = _clamp(tuned);
        if (tuned != minStake) _setMinStake(tuned);
    }

    /// @notice Counts a dispute. Dispute module only.
    /// @dev Reverts Unauthorized.
    function recordDispute() external {
        if (msg.sender != disputeModule) revert Unauthorized();
        disputeCount++;
    }

    function _pressure() private view returns (uint256 pressure) {
        pressure = disputeCount * disputeWeight;
        if (thermostat != address(0) && ITemperature(thermostat).systemTemperature() > stakeTempThreshold) {
            pressure += temperatureWeight;
        }
        if (hamiltonianFeed != address(0) && IHamiltonian(hamiltonianFeed).currentHamiltonian() > stakeHamiltonianThreshold) {
            pressure += hamiltonianWeight;
        }
    }

    function _clamp(uint256 value) private view returns (uint256) {
        if (maxMinStake != 0 && value > maxMinStake) value = maxMinStake;
        return value < minStakeFloor ? minStakeFloor : value;
    }

    function _emitConfig() private {
        emit AutoStakeConfigUpdated(
            stakeDisputeThreshold,
            stakeIncreasePct,
            stakeDecreasePct,
            stakeTuneWindow,
            minStakeFloor,
            maxMinStake,
            stakeTempThreshold,
            stakeHamiltonianThreshold,
            disputeWeight,
            temperatureWeight,
            hamiltonianWeight
        );
    }
}
