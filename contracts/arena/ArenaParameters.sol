// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

/// @title ArenaParameters
/// @notice Everything about the arena that its owner sets.
/// @dev Setters are the owner's alone (OwnableUnauthorizedAccount), work while paused, and emit their event also for the
///      same value. Those that change one of the ten parameters emit ParametersUpdated as well.
abstract contract ArenaParameters is Ownable, Pausable {
    /// @notice Addresses to start with; identity and job registry must not be zero.
    struct Wiring {
        address identityRegistry;
        address jobRegistry;
        address stakeManager;
        address feePool;
    }

    /// @notice Numbers to start with; units and rules as at the setters.
    struct Parameters {
        uint256 teacherReward;
        uint256 studentReward;
        uint256 validatorReward;
        uint256 committeeSize;
        uint256 validatorStake;
        uint256 targetSuccessRateBps;
    }

    uint256 private constant BPS = 10_000;

    /// @notice Full reward of a round's teacher, token wei.
    uint256 public baseTeacherReward;
    /// @notice Full reward of each winning student, token wei.
    uint256 public baseStudentReward;
    /// @notice Full reward of each validator, token wei.
    uint256 public baseValidatorReward;
    /// @notice Most validators of a round.
    uint256 public committeeSize;
    /// @notice Stake that a validator is expected to have, token wei.
    uint256 public validatorStake;
    /// @notice Success rate that the difficulty is steered to, bps.
    uint256 public targetSuccessRateBps;
    /// @notice Part of the full reward that the teacher gets, bps. Starts at 10000, as the other two: a sum that no call
    ///         of `setRewardSplits` can restore.
    uint16 public teacherRewardSplitBps = 10_000;
    /// @notice Part of the full reward that a winning student gets, bps.
    uint16 public studentRewardSplitBps = 10_000;
    /// @notice Part of the full reward that a validator gets, bps.
    uint16 public validatorRewardSplitBps = 10_000;

    /// @notice Where rewards are paid from; zero for nowhere.
    address public feePool;
    /// @notice Where validators are slashed; zero for nowhere.
    address public stakeManager;
    /// @notice Says who may take part.
    address public identityRegistry;
    /// @notice Says which jobs exist.
    address public jobRegistry;
    /// @notice Who may run rounds, beside the owner.
    mapping(address account => bool) public orchestrators;
    /// @notice May pause, beside the owner, and nothing else; zero for nobody.
    address public pauser;

    event RewardsUpdated(uint256 teacherReward, uint256 studentReward, uint256 validatorReward);
    event CommitteeParametersUpdated(uint256 committeeSize, uint256 validatorStake);
    event TargetSuccessRateUpdated(uint256 targetSuccessRateBps);
    event RewardSplitsUpdated(uint16 teacherSplitBps, uint16 studentSplitBps, uint16 validatorSplitBps);
    event FeePoolUpdated(address indexed previousFeePool, address indexed newFeePool);
    event StakeManagerUpdated(address indexed previousManager, address indexed newManager);
    event IdentityRegistryUpdated(address indexed previousRegistry, address indexed newRegistry);
    event JobRegistryUpdated(address indexed previousRegistry, address indexed newRegistry);
    event OrchestratorUpdated(address indexed orchestrator, bool allowed);
    event PauserUpdated(address indexed pauser);
    /// @notice The ten parameters as they are after a change.
    event ParametersUpdated(
        uint256 teacherReward,
        uint256 studentReward,
        uint256 validatorReward,
        uint256 committeeSize,
        uint256 validatorStake,
        uint256 targetSuccessRateBps,
        uint16 teacherSplitBps,
        uint16 studentSplitBps,
        uint16 validatorSplitBps,
        address feePool
    );

    error ZeroAddress();
    error ZeroValue();
    error InvalidSplit();

    constructor(address owner_, Wiring memory wiring, Parameters memory p) Ownable(owner_) {
        if (wiring.identityRegistry == address(0) || wiring.jobRegistry == address(0)) revert ZeroAddress();
        identityRegistry = wiring.identityRegistry;
        jobRegistry = wiring.jobRegistry;
        stakeManager = wiring.stakeManager;
        feePool = wiring.feePool;
        _setRewards(p.teacherReward, p.studentReward, p.validatorReward);
        _setCommittee(p.committeeSize, p.validatorStake);
        _setTarget(p.targetSuccessRateBps);
        _emitParameters();
    }

    /// @notice Sets the three full rewards, token wei.
    /// @dev Reverts ZeroValue when one is 0. Emits RewardsUpdated and ParametersUpdated.
    function setRewards(uint256 teacher, uint256 student, uint256 validator) external onlyOwner {
        _setRewards(teacher, student, validator);
        _emitParameters();
    }

    /// @notice Sets committee size (a count) and validator stake (token wei). Rounds under way keep who is in.
    /// @dev Reverts ZeroValue when one is 0. Emits CommitteeParametersUpdated and ParametersUpdated.
    function setCommitteeParameters(uint256 size, uint256 stake) external onlyOwner {
        _setCommittee(size, stake);
        _emitParameters();
    }

    /// @notice Sets the target success rate, bps.
    /// @dev Reverts ZeroValue outside 1..10000. Emits TargetSuccessRateUpdated and ParametersUpdated.
    function setTargetSuccessRateBps(uint256 rate) external onlyOwner {
        _setTarget(rate);
        _emitParameters();
    }

    /// @notice Sets the three splits, bps.
    /// @dev Reverts InvalidSplit unless 1 <= sum <= 10000. Emits RewardSplitsUpdated and ParametersUpdated.
    function setRewardSplits(uint16 teacher, uint16 student, uint16 validator) external onlyOwner {
        uint256 sum = uint256(teacher) + student + validator;
        if (sum == 0 || sum > BPS) revert InvalidSplit();
        (teacherRewardSplitBps, studentRewardSplitBps, validatorRewardSplitBps) = (teacher, student, validator);
        emit RewardSplitsUpdated(teacher, student, validator);
        _emitParameters();
    }

    /// @notice Sets the fee pool; any address. Emits FeePoolUpdated and ParametersUpdated.
    function setFeePool(address newFeePool) external onlyOwner {
        emit FeePoolUpdated(feePool, newFeePool);
        feePool = newFeePool;
        _emitParameters();
    }

    /// @notice Sets the StakeManager; any address. Emits StakeManagerUpdated; no ParametersUpdated.
    function setStakeManager(address newManager) external onlyOwner {
        emit StakeManagerUpdated(stakeManager, newManager);
        stakeManager = newManager;
    }

    /// @notice Sets the identity registry.
    /// @dev Reverts ZeroAddress. Emits IdentityRegistryUpdated; no ParametersUpdated.
    function setIdentityRegistry(address newRegistry) external onlyOwner {
        if (newRegistry == address(0)) revert ZeroAddress();
        emit IdentityRegistryUpdated(identityRegistry, newRegistry);
        identityRegistry = newRegistry;
    }

    /// @notice Sets the job registry.
    /// @dev Reverts ZeroAddress. Emits JobRegistryUpdated; no ParametersUpdated.
    function setJobRegistry(address newRegistry) external onlyOwner {
        if (newRegistry == address(0)) revert ZeroAddress();
        emit JobRegistryUpdated(jobRegistry, newRegistry);
        jobRegistry = newRegistry;
    }

    /// @notice Lets an address run rounds, or no longer.
    /// @dev Reverts ZeroAddress. Emits OrchestratorUpdated; no ParametersUpdated.
    function setOrchestrator(address orchestrator, bool allowed) external onlyOwner {
        if (orchestrator == address(0)) revert ZeroAddress();
        orchestrators[orchestrator] = allowed;
        emit OrchestratorUpdated(orchestrator, allowed);
    }

    /// @notice Names who may pause beside the owner; zero for nobody. Owner only.
    /// @dev Emits PauserUpdated; no ParametersUpdated.
    function setPauser(address newPauser) external onlyOwner {
        pauser = newPauser;
        emit PauserUpdated(newPauser);
    }

    /// @notice Stops rounds. Owner or pauser.
    /// @dev Reverts OwnableUnauthorizedAccount, EnforcedPause when paused already. Emits Paused.
    function pause() external {
        if (msg.sender != pauser) _checkOwner();
        _pause();
    }

    /// @notice Lets rounds go on. Owner only: the pauser can't.
    /// @dev Reverts OwnableUnauthorizedAccount, ExpectedPause when not paused. Emits Unpaused.
    function unpause() external onlyOwner {
        _unpause();
    }

    function _setRewards(uint256 teacher, uint256 student, uint256 validator) private {
        if (teacher == 0 || student == 0 || validator == 0) revert ZeroValue();
        (baseTeacherReward, baseStudentReward, baseValidatorReward) = (teacher, student, validator);
        emit RewardsUpdated(teacher, student, validator);
    }

    function _setCommittee(uint256 size, uint256 stake) private {
        if (size == 0 || stake == 0) revert ZeroValue();
        (committeeSize, validatorStake) = (size, stake);
        emit CommitteeParametersUpdated(size, stake);
    }

    function _setTarget(uint256 rate) private {
        if (rate == 0 || rate > BPS) revert ZeroValue();
        targetSuccessRateBps = rate;
        emit TargetSuccessRateUpdated(rate);
    }

    function _emitParameters() private {
        emit ParametersUpdated(
            baseTeacherReward,
            baseStudentReward,
            baseValidatorReward,
            committeeSize,
            validatorStake,
            targetSuccessRateBps,
            teacherRewardSplitBps,
            studentRewardSplitBps,
            validatorRewardSplitBps,
            feePool
        );
    }
}
