// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {ArenaParameters} from "./arena/ArenaParameters.sol";
import {IIdentityRegistry, IJobBook, IRewardPool, ISlasher} from "./interfaces/IModules.sol";

/// @title SelfPlayArena
/// @notice Rounds of self-play: a teacher sets a job, students try it, a committee of validators judges, winners are
///         paid. Run by orchestrators, owned by one address.
/// @dev Rounds are blocked while paused. Reporting misconduct is not: an operator pauses first and slashes then, so that
///      nothing moves in between.
contract SelfPlayArena is ArenaParameters, ReentrancyGuard {
    struct Round {
        uint32 difficulty;
        int32 difficultyDelta;
        uint64 startedAt;
        uint64 closedAt;
        bool finalised;
        uint256 teacherJobId;
        address teacher;
        uint256[] studentJobIds;
        address[] students;
        uint256[] validatorJobIds;
        address[] validators;
        address[] winners;
    }

    /// @notice Rounds started so far; the latest has this id.
    uint256 public totalRounds;

    mapping(uint256 roundId => Round) private _rounds;

    event RoundStarted(
        uint256 indexed roundId,
        uint32 difficulty,
        uint256 indexed teacherJobId,
        address indexed teacher,
        string teacherSubdomain
    );
    event StudentRegistered(uint256 indexed roundId, uint256 indexed jobId, address indexed student, string subdomain);
    event ValidatorRegistered(uint256 indexed roundId, uint256 indexed jobId, address indexed validator, string subdomain);
    event RoundClosed(uint256 indexed roundId, uint64 closedAt);
    event RoundFinalised(uint256 indexed roundId, address[] winners, int32 difficultyDelta);
    event RewardsDistributed(
        uint256 indexed roundId,
        uint256 teacherReward,
        uint256 studentRewardTotal,
        uint256 validatorRewardTotal
    );
    event ValidatorMisconduct(
        uint256 indexed roundId,
        address indexed validator,
        uint256 amount,
        address indexed recipient,
        string reason
    );

    /// @notice The caller is neither owner nor orchestrator.
    error NotAuthorised();
    error InvalidAgent(address account);
    error InvalidValidator(address account);
    error InvalidJob(uint256 jobId);
    error InvalidAmount();
    error RoundNotFound(uint256 roundId);
    error RoundClosedAlready(uint256 roundId);
    error RoundNotClosed(uint256 roundId);
    error RoundFinalisedAlready(uint256 roundId);
    error DuplicateParticipant(address account);
    error CommitteeFull(uint256 roundId);
    error StakeManagerNotConfigured();
    error FeePoolNotConfigured();

    modifier onlyOperator() {
        if (msg.sender != owner() && !orchestrators[msg.sender]) revert NotAuthorised();
        _;
    }

    constructor(address owner_, Wiring memory wiring, Parameters memory parameters)
        ArenaParameters(owner_, wiring, parameters)
    {}

    /// @notice Starts a round. Owner or orchestrator, unless paused.
    /// @dev Reverts EnforcedPause, NotAuthorised, InvalidAgent, InvalidJob. Emits RoundStarted.
    /// @return roundId Counts up from 1.
    function startRound(
        uint32 difficulty,
        uint256 teacherJobId,
        address teacher,
        string calldata subdomain,
        bytes32[] calldata proof
    ) external whenNotPaused onlyOperator returns (uint256 roundId) {
        _requireAgent(teacher, subdomain, proof);
        _requireJob(teacherJobId);
        roundId = ++totalRounds;
        Round storage round = _rounds[roundId];
        round.difficulty = difficulty;
        round.startedAt = uint64(block.timestamp);
        round.teacherJobId = teacherJobId;
        round.teacher = teacher;
        emit RoundStarted(roundId, difficulty, teacherJobId, teacher, subdomain);
    }

    /// @notice Enters a student's job. Owner or orchestrator, unless paused.
    /// @dev Reverts EnforcedPause, NotAuthorised, RoundNotFound, RoundClosedAlready, InvalidAgent, InvalidJob,
    ///      DuplicateParticipant. Emits StudentRegistered.
    function registerStudentJob(
        uint256 roundId,
        uint256 jobId,
        address student,
        string calldata subdomain,
        bytes32[] calldata proof
    ) external whenNotPaused onlyOperator {
        Round storage round = _openRound(roundId);
        _requireAgent(student, subdomain, proof);
        _requireJob(jobId);
        if (_contains(round.students, student)) revert DuplicateParticipant(student);
        round.studentJobIds.push(jobId);
        round.students.push(student);
        emit StudentRegistered(roundId, jobId, student, subdomain);
    }

    /// @notice Enters a validator's job. Owner or orchestrator, unless paused.
    /// @dev Reverts EnforcedPause, NotAuthorised, RoundNotFound, RoundClosedAlready, CommitteeFull once there are
    ///      `committeeSize`, InvalidValidator, InvalidJob, DuplicateParticipant. Emits ValidatorRegistered.
    function registerValidatorJob(
        uint256 roundId,
        uint256 jobId,
        address validator,
        string calldata subdomain,
        bytes32[] calldata proof
    ) external whenNotPaused onlyOperator {
        Round storage round = _openRound(roundId);
        if (round.validators.length >= committeeSize) revert CommitteeFull(roundId);
        if (!IIdentityRegistry(identityRegistry).isAuthorizedValidator(validator, subdomain, proof)) {
            revert InvalidValidator(validator);
        }
        _requireJob(jobId);
        if (_contains(round.validators, validator)) revert DuplicateParticipant(validator);
        round.validatorJobIds.push(jobId);
        round.validators.push(validator);
        emit ValidatorRegistered(roundId, jobId, validator, subdomain);
    }

    /// @notice Ends registration. Owner or orchestrator, unless paused.
    /// @dev Reverts EnforcedPause, NotAuthorised, RoundNotFound, RoundClosedAlready. Emits RoundClosed.
    function closeRound(uint256 roundId) external whenNotPaused onlyOperator {
        Round storage round = _openRound(roundId);
        round.closedAt = uint64(block.timestamp);
        emit RoundClosed(roundId, round.closedAt);
    }

    /// @notice Pays the teacher, the winning students and the validators: base reward times split, each. Owner or
    ///         orchestrator, unless paused.
    /// @dev The arena must be a rewarder of the fee pool. Reverts EnforcedPause, NotAuthorised, RoundNotFound,
    ///      RoundNotClosed, RoundFinalisedAlready, InvalidAgent for a winner who is no student of the round,
    ///      DuplicateParticipant for one named twice, FeePoolNotConfigured, and with what the fee pool refuses with. Emits
    ///      RewardsDistributed and RoundFinalised.
    function finaliseRound(uint256 roundId, address[] calldata winners, int32 difficultyDelta)
        external
        whenNotPaused
        onlyOperator
        nonReentrant
    {
        Round storage round = _round(roundId);
        if (round.closedAt == 0) revert RoundNotClosed(roundId);
        if (round.finalised) revert RoundFinalisedAlready(roundId);
        round.finalised = true;
        round.difficultyDelta = difficultyDelta;
        for (uint256 i; i < winners.length; ++i) {
            if (!_contains(round.students, winners[i])) revert InvalidAgent(winners[i]);
            if (_contains(round.winners, winners[i])) revert DuplicateParticipant(winners[i]);
            round.winners.push(winners[i]);
        }
        _payOut(roundId, round);
        emit RoundFinalised(roundId, winners, difficultyDelta);
    }

    /// @notice Slashes a validator of a round through the StakeManager. Owner or orchestrator, *also while paused*.
    /// @dev The arena must be an accepted slasher of the StakeManager. Reverts NotAuthorised, RoundNotFound,
    ///      InvalidValidator for one who isn't of the round, InvalidAmount for 0, StakeManagerNotConfigured, and with what
    ///      the StakeManager refuses with. Emits ValidatorMisconduct.
    /// @param amount Token wei.
    function reportValidatorMisconduct(
        uint256 roundId,
        address validator,
        uint256 amount,
        address recipient,
        string calldata reason
    ) external onlyOperator nonReentrant {
        Round storage round = _round(roundId);
        if (!_contains(round.validators, validator)) revert InvalidValidator(validator);
        if (amount == 0) revert InvalidAmount();
        if (stakeManager == address(0)) revert StakeManagerNotConfigured();
        emit ValidatorMisconduct(roundId, validator, amount, recipient, reason);
        ISlasher(stakeManager).slash(validator, amount, recipient);
    }

    /// @notice All of a round. Reverts RoundNotFound.
    function getRound(uint256 roundId) external view returns (Round memory) {
        return _round(roundId);
    }

    function _payOut(uint256 roundId, Round storage round) private {
        uint256 teacherReward = _share(baseTeacherReward, teacherRewardSplitBps);
        uint256 studentReward = _share(baseStudentReward, studentRewardSplitBps);
        uint256 validatorReward = _share(baseValidatorReward, validatorRewardSplitBps);
        if (feePool == address(0)) revert FeePoolNotConfigured();
        if (teacherReward != 0) IRewardPool(feePool).reward(round.teacher, teacherReward);
        uint256 studentTotal = _payEach(round.winners, studentReward);
        uint256 validatorTotal = _payEach(round.validators, validatorReward);
        emit RewardsDistributed(roundId, teacherReward, studentTotal, validatorTotal);
    }

    function _payEach(address[] storage accounts, uint256 amount) private returns (uint256 total) {
        if (amount == 0) return 0;
        uint256 count = accounts.length;
        for (uint256 i; i < count; ++i) {
            IRewardPool(feePool).reward(accounts[i], amount);
        }
        return amount * count;
    }

    function _requireAgent(address account, string calldata subdomain, bytes32[] calldata proof) private view {
        bool known = IIdentityRegistry(identityRegistry).isAuthorizedAgent(account, subdomain, proof);
        if (!known) revert InvalidAgent(account);
    }

    function _requireJob(uint256 jobId) private view {
        if (!IJobBook(jobRegistry).jobExists(jobId)) revert InvalidJob(jobId);
    }

    function _openRound(uint256 roundId) private view returns (Round storage round) {
        round = _round(roundId);
        if (round.closedAt != 0) revert RoundClosedAlready(roundId);
    }

    function _round(uint256 roundId) private view returns (Round storage) {
        if (roundId == 0 || roundId > totalRounds) revert RoundNotFound(roundId);
        return _rounds[roundId];
    }

    function _contains(address[] storage accounts, address account) private view returns (bool) {
        uint256 count = accounts.length;
        for (uint256 i; i < count; ++i) {
            if (accounts[i] == account) return true;
        }
        return false;
    }

    function _share(uint256 base, uint16 splitBps) private pure returns (uint256) {
        return (base * splitBps) / 10_000;
    }
}
