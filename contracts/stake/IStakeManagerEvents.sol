// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IStakeManagerEvents
/// @notice Everything that StakeManager says and everything that it refuses with.
interface IStakeManagerEvents {
    /// @notice The nine parameters as they are after a change. Percentages in the notation in which they are stored.
    event ParametersUpdated(
        uint256 minStake,
        uint256 employerSlashPct,
        uint256 treasurySlashPct,
        uint256 operatorSlashPct,
        uint256 validatorSlashRewardPct,
        uint256 burnSlashPct,
        uint256 feePct,
        uint256 burnPct,
        uint256 validatorRewardPct
    );
    event FeePctUpdated(uint256 pct);
    event BurnPctUpdated(uint256 pct);
    event ValidatorRewardPctUpdated(uint256 pct);
    event MinStakeUpdated(uint256 minStake);
    event MaxStakePerAddressUpdated(uint256 maxStake);
    event RoleMinimumUpdated(uint8 indexed role, uint256 minStake);
    event UnbondingPeriodUpdated(uint256 newPeriod);

    event SlashPercentsUpdated(
        uint256 employerSlashPct,
        uint256 treasurySlashPct,
        uint256 validatorSlashRewardPct,
        uint256 operatorSlashPct,
        uint256 burnSlashPct
    );
    event SlashingPercentagesUpdated(uint256 employerSlashPct, uint256 treasurySlashPct);
    event OperatorSlashPctUpdated(uint256 operatorSlashPct);
    event ValidatorSlashRewardPctUpdated(uint256 validatorSlashRewardPct);

    event TreasuryUpdated(address indexed treasury);
    event TreasuryAllowlistUpdated(address indexed treasury, bool allowed);
    event ValidatorLockManagerUpdated(address indexed manager, bool allowed);
    event JobRegistryUpdated(address indexed registry);
    event DisputeModuleUpdated(address indexed module);
    event ModulesUpdated(address indexed jobRegistry, address indexed disputeModule);
    event ValidationModuleUpdated(address indexed module);
    event FeePoolUpdated(address indexed feePool);
    event ThermostatUpdated(address indexed thermostat);
    event HamiltonianFeedUpdated(address indexed feed);
    event PauserUpdated(address indexed pauser);
    event PauserManagerUpdated(address indexed pauserManager);

    event MaxAGITypesUpdated(uint256 oldMax, uint256 newMax);
    event MaxTotalPayoutPctUpdated(uint256 oldMax, uint256 newMax);
    event AGITypeUpdated(address indexed nft, uint256 payoutPct);
    event AGITypeRemoved(address indexed nft);

    event AutoStakeTuningEnabled(bool enabled);
    /// @notice The settings as stored, so a "keep" (zero window or floor) shows the kept value.
    event AutoStakeConfigUpdated(
        uint256 threshold,
        uint256 upPct,
        uint256 downPct,
        uint256 window,
        uint256 floor,
        uint256 ceil,
        int256 tempThreshold,
        int256 hThreshold,
        uint256 disputeWeight,
        uint256 tempWeight,
        uint256 hamWeight
    );

    event StakeDeposited(address indexed user, uint8 indexed role, uint256 amount);
    event WithdrawRequested(address indexed user, uint8 indexed role, uint256 amount, uint64 unlockAt);
    event StakeWithdrawn(address indexed user, uint8 indexed role, uint256 amount);
    event ValidatorStakeLocked(uint256 indexed jobId, address indexed validator, uint256 amount);
    event ValidatorStakeUnlocked(uint256 indexed jobId, address indexed validator, uint256 amount);
    /// @notice `recipientShare` is the employer's and the validators' share together.
    event StakeSlashed(
        address indexed validator,
        address indexed recipient,
        address indexed slasher,
        uint256 amount,
        uint256 recipientShare,
        uint256 treasuryShare,
        uint256 operatorShare,
        uint256 burnShare
    );

    error InvalidPercentage();
    error InvalidTreasury();
    error InvalidMinStake();
    error InvalidParams();
    error InvalidRole();
    error InvalidUser();
    error InvalidAmount();
    error InvalidUnbondingPeriod();
    error InvalidModule();
    error InvalidJobRegistry();
    error InvalidDisputeModule();
    error InvalidValidationModule();
    error InvalidFeePool();
    error MaxAGITypesExceeded();
    error MaxAGITypesBelowCurrent();
    error MaxAGITypesReached();
    error AGITypeNotFound();
    error Unauthorized();
    error NotGovernanceOrPauserManager();
    error InsufficientStake();
    error InsufficientLocked();
    error BelowMinimumStake();
    error MaxStakeExceeded();
    error UnbondPending();
    error NoUnbond();
    error UnbondLocked();
}
