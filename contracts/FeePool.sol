// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IBurnable, IRewardPool} from "./interfaces/IModules.sol";
import {PausableModule} from "./modules/PausableModule.sol";
import {VersionCheck} from "./utils/VersionCheck.sol";

/// @title FeePool
/// @notice Takes fees in and pays rewards out. The owner sets it up; a separate governance may withdraw to the treasury.
/// @dev Every setter works while paused, is the owner's alone (OwnableUnauthorizedAccount), and emits its event also for
///      the same value. There is no ParametersUpdated here.
contract FeePool is PausableModule, IRewardPool {
    using SafeERC20 for IERC20;
    using VersionCheck for address;

    /// @notice The token of fees and rewards.
    IERC20 public immutable token;
    /// @notice Share of each fee that is burned, whole percent.
    uint256 public burnPct;
    /// @notice Gets withdrawals; zero for nobody.
    address public treasury;
    /// @notice Addresses that may become the treasury.
    mapping(address account => bool) public treasuryAllowlist;
    /// @notice Addresses that may pay rewards out; the arena must be one.
    mapping(address account => bool) public rewarders;
    /// @notice Role whose stakers the pool is for: 0 agent, 1 validator, 2 platform.
    uint8 public rewardRole = 2;
    /// @notice The StakeManager.
    address public stakeManager;
    /// @notice May withdraw to the treasury; zero for nobody.
    address public governance;
    /// @notice The tax policy that the pool refers to; zero for none.
    address public taxPolicy;

    event BurnPctUpdated(uint256 pct);
    event TreasuryUpdated(address indexed treasury);
    event TreasuryAllowlistUpdated(address indexed treasury, bool allowed);
    event RewarderUpdated(address indexed rewarder, bool allowed);
    event RewardRoleUpdated(uint8 role);
    event StakeManagerUpdated(address indexed stakeManager);
    event GovernanceUpdated(address indexed governance);
    event TaxPolicyUpdated(address indexed policy);
    event FeeDeposited(address indexed from, uint256 amount, uint256 burned);
    event RewardPoolContribution(address indexed contributor, uint256 amount);
    event RewardPaid(address indexed rewarder, address indexed to, uint256 amount);
    event GovernanceWithdrawal(address indexed to, uint256 amount);

    error InvalidPercentage();
    error InvalidTreasury();
    error InvalidRole();
    error InvalidRecipient();
    error InvalidStakeManagerVersion();
    error ZeroAddress();
    error ZeroAmount();
    error NotRewarder();
    error NotGovernance();
    error InsufficientRewardBalance();

    /// @param burnPct_ Whole percent, at most 100.
    constructor(address owner_, IERC20 token_, address stakeManager_, uint256 burnPct_) PausableModule(owner_) {
        token = token_;
        _setStakeManager(stakeManager_);
        _setBurnPct(burnPct_);
    }

    /// @notice Sets the burned share, whole percent.
    /// @dev Reverts InvalidPercentage above 100. Emits BurnPctUpdated.
    function setBurnPct(uint256 pct) external onlyOwner {
        _setBurnPct(pct);
    }

    /// @notice Sets the treasury; zero for nobody.
    /// @dev Reverts InvalidTreasury unless it is zero, or allowlisted and not the owner. Emits TreasuryUpdated.
    function setTreasury(address newTreasury) external onlyOwner {
        if (newTreasury != address(0) && (newTreasury == owner() || !treasuryAllowlist[newTreasury])) {
            revert InvalidTreasury();
        }
        treasury = newTreasury;
        emit TreasuryUpdated(newTreasury);
    }

    /// @notice Allows an address to become the treasury, or no longer. Emits TreasuryAllowlistUpdated.
    function setTreasuryAllowlist(address account, bool allowed) external onlyOwner {
        treasuryAllowlist[account] = allowed;
        emit TreasuryAllowlistUpdated(account, allowed);
    }

    /// @notice Lets an address pay rewards out, or no longer.
    /// @dev Reverts ZeroAddress. Emits RewarderUpdated.
    function setRewarder(address rewarder, bool allowed) external onlyOwner {
        if (rewarder == address(0)) revert ZeroAddress();
        rewarders[rewarder] = allowed;
        emit RewarderUpdated(rewarder, allowed);
    }

    /// @notice Sets the role that the pool is for.
    /// @dev Reverts InvalidRole above 2. Emits RewardRoleUpdated.
    function setRewardRole(uint8 role) external onlyOwner {
        if (role > 2) revert InvalidRole();
        rewardRole = role;
        emit RewardRoleUpdated(role);
    }

    /// @notice Sets the StakeManager.
    /// @dev Reverts InvalidStakeManagerVersion for zero or when its `version()` isn't 2. Emits StakeManagerUpdated.
    function setStakeManager(address newManager) external onlyOwner {
        _setStakeManager(newManager);
    }

    /// @notice Names who may withdraw to the treasury.
    /// @dev Reverts ZeroAddress. Emits GovernanceUpdated.
    function setGovernance(address newGovernance) external onlyOwner {
        if (newGovernance == address(0)) revert ZeroAddress();
        governance = newGovernance;
        emit GovernanceUpdated(newGovernance);
    }

    /// @notice Sets the tax policy; any address, zero for none. Emits TaxPolicyUpdated.
    function setTaxPolicy(address policy) external onlyOwner {
        taxPolicy = policy;
        emit TaxPolicyUpdated(policy);
    }

    /// @notice Pays a fee in, token wei, of which `burnPct` percent are burned. Anyone, unless paused.
    /// @dev The tokens must have been approved. Reverts EnforcedPause, ZeroAmount. Emits FeeDeposited.
    function depositFee(uint256 amount) external whenNotPaused {
        if (amount == 0) revert ZeroAmount();
        uint256 burned = (amount * burnPct) / 100;
        emit FeeDeposited(msg.sender, amount, burned);
        token.safeTransferFrom(msg.sender, address(this), amount);
        if (burned != 0) IBurnable(address(token)).burn(burned);
    }

    /// @notice Adds to what rewards are paid from, token wei. Anyone, unless paused.
    /// @dev The tokens must have been approved. Reverts EnforcedPause, ZeroAmount. Emits RewardPoolContribution.
    function contribute(uint256 amount) external whenNotPaused {
        if (amount == 0) revert ZeroAmount();
        emit RewardPoolContribution(msg.sender, amount);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @notice Pays a reward out, token wei. Rewarders only, unless paused.
    /// @dev Reverts EnforcedPause, NotRewarder, InvalidRecipient for zero, ZeroAmount, InsufficientRewardBalance. Emits
    ///      RewardPaid.
    function reward(address to, uint256 amount) external whenNotPaused {
        if (!rewarders[msg.sender]) revert NotRewarder();
        if (to == address(0)) revert InvalidRecipient();
        if (amount == 0) revert ZeroAmount();
        if (amount > token.balanceOf(address(this))) revert InsufficientRewardBalance();
        emit RewardPaid(msg.sender, to, amount);
        token.safeTransfer(to, amount);
    }

    /// @notice Takes tokens out to the treasury, also while paused. `governance` only.
    /// @dev Reverts NotGovernance, InvalidRecipient unless `to` is the treasury and set, InsufficientRewardBalance. Emits
    ///      GovernanceWithdrawal.
    function governanceWithdraw(address to, uint256 amount) external {
        if (msg.sender != governance) revert NotGovernance();
        if (to == address(0) || to != treasury) revert InvalidRecipient();
        if (amount > token.balanceOf(address(this))) revert InsufficientRewardBalance();
        emit GovernanceWithdrawal(to, amount);
        token.safeTransfer(to, amount);
    }

    function _setBurnPct(uint256 pct) private {
        if (pct > 100) revert InvalidPercentage();
        burnPct = pct;
        emit BurnPctUpdated(pct);
    }

    function _setStakeManager(address newManager) private {
        if (!newManager.isCurrent()) revert InvalidStakeManagerVersion();
        stakeManager = newManager;
        emit StakeManagerUpdated(newManager);
    }
}
