// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {Governable} from "./governance/Governable.sol";
import {IBurnable, ISlasher} from "./interfaces/IModules.sol";
import {StakeTuning} from "./stake/StakeTuning.sol";
import {StakeTypes} from "./stake/StakeTypes.sol";

/// @title StakeManager
/// @notice Keeps stakes (roles: 0 agent, 1 validator, 2 platform), locks validators' and slashes them.
/// @dev Who may slash: the addresses in `validatorLockManagers`, and the job registry, dispute module and validation
///      module that it is wired to; everybody else, the governance included, gets Unauthorized. The arena slashes as a
///      validator lock manager, so `setValidatorLockManager(arena, true)` is what makes it an accepted slasher and
///      `(arena, false)` what ends that. Slashing works while paused: a pause keeps stake in, so that it can be slashed.
contract StakeManager is StakeTuning, StakeTypes, ReentrancyGuard, ISlasher {
    using SafeERC20 for IERC20;

    struct Unbond {
        uint256 amount;
        uint64 unlockAt;
    }

    uint8 private constant VALIDATOR = 1;

    /// @notice The token that is staked.
    IERC20 public immutable token;
    /// @notice Stake of an address in a role, token wei.
    mapping(address user => mapping(uint8 role => uint256)) public stakes;
    /// @notice Stake of a role, token wei.
    mapping(uint8 role => uint256) public totalStakes;
    /// @notice Stake of a validator that can't be withdrawn, token wei.
    mapping(address validator => uint256) public lockedStakes;
    /// @notice Withdrawals asked for.
    mapping(address user => mapping(uint8 role => Unbond)) public unbonds;
    /// @notice Slashed stake kept for operators, token wei.
    uint256 public operatorRewardPool;

    /// @param minStake_ Least stake, token wei; not 0.
    constructor(address governance_, IERC20 token_, uint256 minStake_) Governable(governance_) {
        token = token_;
        _setMinStake(minStake_);
        treasurySlashPct = 100;
    }

    /// @notice Stakes tokens, which must have been approved. Anyone, unless paused.
    /// @dev Reverts EnforcedPause, InvalidRole, InvalidAmount for 0, BelowMinimumStake, MaxStakeExceeded. Emits
    ///      StakeDeposited.
    function depositStake(uint8 role, uint256 amount) external whenNotPaused nonReentrant {
        if (role >= ROLES) revert InvalidRole();
        if (amount == 0) revert InvalidAmount();
        uint256 stake = stakes[msg.sender][role] + amount;
        if (stake < effectiveMinimum(role)) revert BelowMinimumStake();
        if (maxStakePerAddress != 0 && _stakeOfAllRoles(msg.sender) + amount > maxStakePerAddress) revert MaxStakeExceeded();
        stakes[msg.sender][role] = stake;
        totalStakes[role] += amount;
        emit StakeDeposited(msg.sender, role, amount);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @notice Asks for stake back; it can be had after `unbondingPeriod` and can be slashed until then.
    /// @dev Reverts EnforcedPause, InvalidAmount for 0, UnbondPending, InsufficientStake, BelowMinimumStake when something
    ///      but too little would stay. Emits WithdrawRequested.
    function requestWithdraw(uint8 role, uint256 amount) external whenNotPaused {
        if (amount == 0) revert InvalidAmount();
        if (unbonds[msg.sender][role].amount != 0) revert UnbondPending();
        uint256 stake = stakes[msg.sender][role];
        if (amount > stake) revert InsufficientStake();
        if (amount != stake && stake - amount < effectiveMinimum(role)) revert BelowMinimumStake();
        uint64 unlockAt = uint64(block.timestamp + unbondingPeriod);
        unbonds[msg.sender][role] = Unbond(amount, unlockAt);
        emit WithdrawRequested(msg.sender, role, amount, unlockAt);
    }

    /// @notice Takes out stake asked for earlier, as far as it is still there.
    /// @dev Reverts EnforcedPause, NoUnbond, UnbondLocked before its time, InsufficientStake when too much of it is locked.
    ///      Emits StakeWithdrawn.
    function finalizeWithdraw(uint8 role) external whenNotPaused nonReentrant {
        Unbond memory unbond = unbonds[msg.sender][role];
        if (unbond.amount == 0) revert NoUnbond();
        if (block.timestamp < unbond.unlockAt) revert UnbondLocked();
        uint256 stake = stakes[msg.sender][role];
        uint256 amount = unbond.amount < stake ? unbond.amount : stake;
        if (role == VALIDATOR && stake - amount < lockedStakes[msg.sender]) revert InsufficientStake();
        delete unbonds[msg.sender][role];
        stakes[msg.sender][role] = stake - amount;
        totalStakes[role] -= amount;
        emit StakeWithdrawn(msg.sender, role, amount);
        token.safeTransfer(msg.sender, amount);
    }

    /// @notice Keeps a validator's stake from being withdrawn. Validation module or lock manager.
    /// @dev Reverts Unauthorized, InsufficientStake. Emits ValidatorStakeLocked.
    function lockValidatorStake(uint256 jobId, address validator, uint256 amount) external {
        _requireLocker();
        uint256 locked = lockedStakes[validator] + amount;
        if (locked > stakes[validator][VALIDATOR]) revert InsufficientStake();
        lockedStakes[validator] = locked;
        emit ValidatorStakeLocked(jobId, validator, amount);
    }

    /// @notice Lets go of locked stake. Validation module or lock manager.
    /// @dev Reverts Unauthorized, InsufficientLocked. Emits ValidatorStakeUnlocked.
    function unlockValidatorStake(uint256 jobId, address validator, uint256 amount) external {
        _requireLocker();
        if (amount > lockedStakes[validator]) revert InsufficientLocked();
        lockedStakes[validator] -= amount;
        emit ValidatorStakeUnlocked(jobId, validator, amount);
    }

    /// @notice Takes stake from a validator and shares it out by the slash percentages; what they leave over is burned.
    ///         `recipient` gets the employer's and the validators' share; zero = they are burned.
    /// @dev Also while paused. Reverts Unauthorized for a caller that isn't an accepted slasher (see the top),
    ///      InvalidAmount for 0, InsufficientStake, InvalidTreasury when the treasury isn't allowlisted any more. Emits
    ///      StakeSlashed.
    function slash(address validator, uint256 amount, address recipient) external nonReentrant {
        _requireSlasher();
        if (amount == 0) revert InvalidAmount();
        uint256 stake = stakes[validator][VALIDATOR];
        if (amount > stake) revert InsufficientStake();
        stakes[validator][VALIDATOR] = stake - amount;
        totalStakes[VALIDATOR] -= amount;
        if (lockedStakes[validator] > stake - amount) lockedStakes[validator] = stake - amount;
        _shareOut(validator, amount, recipient);
    }

    /// @dev Shares are cut to what is left, since the copy that `setValidatorRewardPct` makes may push them past 100 %.
    function _shareOut(address validator, uint256 amount, address recipient) private {
        uint256 left = amount;
        uint256 toRecipient = _share(amount, _bps(employerSlashPct) + _bps(validatorSlashRewardPct), left);
        left -= toRecipient;
        uint256 toTreasury = _share(amount, _bps(treasurySlashPct), left);
        left -= toTreasury;
        uint256 toOperators = _share(amount, _bps(operatorSlashPct), left);
        left -= toOperators;
        if (recipient == address(0)) (left, toRecipient) = (left + toRecipient, 0);
        if (treasury == address(0)) (left, toTreasury) = (left + toTreasury, 0);
        if (toTreasury != 0 && !treasuryAllowlist[treasury]) revert InvalidTreasury();
        operatorRewardPool += toOperators;
        emit StakeSlashed(validator, recipient, msg.sender, amount, toRecipient, toTreasury, toOperators, left);
        if (toRecipient != 0) token.safeTransfer(recipient, toRecipient);
        if (toTreasury != 0) token.safeTransfer(treasury, toTreasury);
        if (left != 0) IBurnable(address(token)).burn(left);
    }

    function _share(uint256 amount, uint256 bps, uint256 left) private pure returns (uint256) {
        uint256 share = (amount * bps) / BPS;
        return share < left ? share : left;
    }

    function _stakeOfAllRoles(address user) private view returns (uint256 sum) {
        for (uint8 role; role < ROLES; ++role) {
            sum += stakes[user][role];
        }
    }

    function _requireLocker() private view {
        if (!validatorLockManagers[msg.sender] && msg.sender != validationModule) revert Unauthorized();
    }

    function _requireSlasher() private view {
        bool accepted = validatorLockManagers[msg.sender] || msg.sender == jobRegistry || msg.sender == disputeModule
            || msg.sender == validationModule;
        if (!accepted) revert Unauthorized();
    }
}
