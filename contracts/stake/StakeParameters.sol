// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Governable} from "../governance/Governable.sol";
import {IStakeManagerEvents} from "./IStakeManagerEvents.sol";

/// @title StakeParameters
/// @notice StakeManager's numbers: fee and slash percentages, minimums, maximum, unbonding time.
/// @dev Every setter works while paused, accepts the value that is there already, and emits its event again, except the
///      three fee percentages, which then do and emit nothing. Each reverts NotGovernance for anybody else.
abstract contract StakeParameters is Governable, IStakeManagerEvents {
    uint8 internal constant ROLES = 3;
    uint256 internal constant BPS = 10_000;

    /// @notice Share of a released amount that goes to the FeePool, whole percent.
    uint256 public feePct;
    /// @notice Share of a released amount that is burned, whole percent.
    uint256 public burnPct;
    /// @notice Share of a released amount that goes to validators, whole percent.
    uint256 public validatorRewardPct;

    /// @notice Least stake, token wei, for roles without a minimum of their own.
    uint256 public minStake;
    /// @notice Most stake of one address, token wei; 0 = no limit.
    uint256 public maxStakePerAddress;
    /// @notice Least stake of a role (0 agent, 1 validator, 2 platform), token wei; 0 = `minStake` holds.
    mapping(uint8 role => uint256) public roleMinimumStake;

    /// @notice Share of slashed stake for the recipient as employer. Up to 100 it is percent, above it is bps.
    uint256 public employerSlashPct;
    /// @notice Share of slashed stake for the treasury. Up to 100 it is percent, above it is bps.
    uint256 public treasurySlashPct;
    /// @notice Share of slashed stake kept for operators. Up to 100 it is percent, above it is bps.
    uint256 public operatorSlashPct;
    /// @notice Share of slashed stake for who reported it. Up to 100 it is percent, above it is bps.
    uint256 public validatorSlashRewardPct;
    /// @notice Share of slashed stake that is burned. Up to 100 it is percent, above it is bps.
    uint256 public burnSlashPct;

    /// @notice Seconds between asking for a withdrawal and getting it.
    uint256 public unbondingPeriod = 7 days;

    /// @notice Sets `feePct`, whole percent.
    /// @dev Reverts InvalidPercentage when the three then sum past 100. Emits FeePctUpdated and ParametersUpdated;
    ///      nothing when unchanged.
    function setFeePct(uint256 pct) external onlyGovernance {
        _requireShares(pct, burnPct, validatorRewardPct);
        if (pct == feePct) return;
        feePct = pct;
        emit FeePctUpdated(pct);
        _emitParameters();
    }

    /// @notice Sets `burnPct`, whole percent.
    /// @dev Reverts InvalidPercentage when the three then sum past 100. Emits BurnPctUpdated and ParametersUpdated;
    ///      nothing when unchanged.
    function setBurnPct(uint256 pct) external onlyGovernance {
        _requireShares(feePct, pct, validatorRewardPct);
        if (pct == burnPct) return;
        burnPct = pct;
        emit BurnPctUpdated(pct);
        _emitParameters();
    }

    /// @notice Sets `validatorRewardPct`, whole percent, and, when that changes it, `validatorSlashRewardPct` with it.
    /// @dev The copy isn't checked against the other four slash percentages: put it back with `setSlashPercents`.
    ///      Reverts InvalidPercentage when the three fee percentages then sum past 100. Emits ValidatorRewardPctUpdated,
    ///      ValidatorSlashRewardPctUpdated and ParametersUpdated; nothing when unchanged.
    function setValidatorRewardPct(uint256 pct) external onlyGovernance {
        _requireShares(feePct, burnPct, pct);
        if (pct == validatorRewardPct) return;
        validatorRewardPct = pct;
        validatorSlashRewardPct = pct;
        emit ValidatorRewardPctUpdated(pct);
        emit ValidatorSlashRewardPctUpdated(pct);
        _emitParameters();
    }

    /// @notice Sets how slashed stake is shared out. Each value up to 100 is percent, above it bps in steps of 100.
    /// @dev Note the order of the arguments. What the five leave over is burned. Reverts InvalidPercentage when a value
    ///      above 100 is no multiple of 100, or when the five sum past 100 %. Emits SlashPercentsUpdated,
    ///      SlashingPercentagesUpdated, OperatorSlashPctUpdated, ValidatorSlashRewardPctUpdated and ParametersUpdated.
    function setSlashPercents(uint16 employer, uint16 treasury_, uint16 validator, uint16 operator, uint16 burn)
        external
        onlyGovernance
    {
        uint256 sum = _bps(employer) + _bps(treasury_) + _bps(validator) + _bps(operator) + _bps(burn);
        if (sum > BPS) revert InvalidPercentage();
        employerSlashPct = employer;
        treasurySlashPct = treasury_;
        validatorSlashRewardPct = validator;
        operatorSlashPct = operator;
        burnSlashPct = burn;
        emit SlashPercentsUpdated(employer, treasury_, validator, operator, burn);
        emit SlashingPercentagesUpdated(employer, treasury_);
        emit OperatorSlashPctUpdated(operator);
        emit ValidatorSlashRewardPctUpdated(validator);
        _emitParameters();
    }

    /// @notice Sets `minStake`, token wei.
    /// @dev Reverts InvalidMinStake for 0. Emits MinStakeUpdated and ParametersUpdated.
    function setMinStake(uint256 newMin) external onlyGovernance {
        _setMinStake(newMin);
        _emitParameters();
    }

    /// @notice Sets `maxStakePerAddress`, token wei; 0 = no limit. May be below `minStake`.
    /// @dev Emits MaxStakePerAddressUpdated; no ParametersUpdated.
    function setMaxStakePerAddress(uint256 newMax) external onlyGovernance {
        _setMaxStake(newMax);
    }

    /// @notice Sets `minStake` and `maxStakePerAddress` together, token wei.
    /// @dev Reverts InvalidMinStake for a minimum of 0, InvalidParams when the maximum is neither 0 nor at least the
    ///      minimum. Emits MinStakeUpdated and MaxStakePerAddressUpdated; no ParametersUpdated.
    function setStakeRecommendations(uint256 newMin, uint256 newMax) external onlyGovernance {
        if (newMax != 0 && newMax < newMin) revert InvalidParams();
        _setMinStake(newMin);
        _setMaxStake(newMax);
    }

    /// @notice Sets one role's minimum, token wei; 0 = `minStake` holds.
    /// @dev Reverts InvalidRole for a role above 2. Emits RoleMinimumUpdated and ParametersUpdated.
    function setRoleMinimum(uint8 role, uint256 minimum) external onlyGovernance {
        _setRoleMinimum(role, minimum);
        _emitParameters();
    }

    /// @notice Sets all three roles' minimums, token wei; 0 = `minStake` holds.
    /// @dev Emits RoleMinimumUpdated three times and ParametersUpdated once.
    function setRoleMinimums(uint256 agent, uint256 validator, uint256 platform) external onlyGovernance {
        _setRoleMinimum(0, agent);
        _setRoleMinimum(1, validator);
        _setRoleMinimum(2, platform);
        _emitParameters();
    }

    /// @notice Sets `unbondingPeriod`, seconds. Withdrawals already asked for keep their time.
    /// @dev Reverts InvalidUnbondingPeriod for 0. Emits UnbondingPeriodUpdated; no ParametersUpdated.
    function setUnbondingPeriod(uint256 newPeriod) external onlyGovernance {
        if (newPeriod == 0) revert InvalidUnbondingPeriod();
        unbondingPeriod = newPeriod;
        emit UnbondingPeriodUpdated(newPeriod);
    }

    /// @notice Least stake that holds for a role, token wei.
    function effectiveMinimum(uint8 role) public view returns (uint256) {
        uint256 own = roleMinimumStake[role];
        return own == 0 ? minStake : own;
    }

    /// @notice How an amount would be shared out on release, token wei; `net` is what is left for who did the work.
    function quoteRelease(uint256 amount)
        external
        view
        returns (uint256 fee, uint256 burned, uint256 validators, uint256 net)
    {
        fee = (amount * feePct) / 100;
        burned = (amount * burnPct) / 100;
        validators = (amount * validatorRewardPct) / 100;
        net = amount - fee - burned - validators;
    }

    function _setMinStake(uint256 newMin) internal {
        if (newMin == 0) revert InvalidMinStake();
        minStake = newMin;
        emit MinStakeUpdated(newMin);
    }

    /// @dev Up to 100 a value is percent, above it is bps in steps of 100.
    function _bps(uint256 pct) internal pure returns (uint256) {
        if (pct <= 100) return pct * 100;
        if (pct % 100 != 0) revert InvalidPercentage();
        return pct;
    }

    function _setMaxStake(uint256 newMax) private {
        maxStakePerAddress = newMax;
        emit MaxStakePerAddressUpdated(newMax);
    }

    function _setRoleMinimum(uint8 role, uint256 minimum) private {
        if (role >= ROLES) revert InvalidRole();
        roleMinimumStake[role] = minimum;
        emit RoleMinimumUpdated(role, minimum);
    }

    /// @dev Each one alone first, so that a huge value can't overflow the sum.
    function _requireShares(uint256 fee, uint256 burn, uint256 validators) private pure {
        if (fee > 100 || burn > 100 || validators > 100) revert InvalidPercentage();
        if (fee + burn + validators > 100) revert InvalidPercentage();
    }

    function _emitParameters() private {
        emit ParametersUpdated(
            minStake,
            employerSlashPct,
            treasurySlashPct,
            operatorSlashPct,
            validatorSlashRewardPct,
            burnSlashPct,
            feePct,
            burnPct,
            validatorRewardPct
        );
    }
}
