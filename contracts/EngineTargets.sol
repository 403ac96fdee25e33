// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

/// @title EngineTargets
/// @notice The engine's approved parameters: what the thermostat's proposals change and what the orchestrator reads.
/// @dev All numbers have 18 decimals, `minVisitations` too (one visit = 1e18), so that all are read and written alike.
///      "Expansions paused" is OpenZeppelin's Pausable state, so `pause`, `unpause`, `paused`, Paused and Unpaused are
///      those of every other contract, and a PauseGuard can be the pauser. Setters are the owner's alone
///      (OwnableUnauthorizedAccount), work while paused, and emit old and new values also for the same value.
contract EngineTargets is Ownable, Pausable {
    uint256 private constant ONE = 1e18;

    /// @notice The initial values, 18 decimals each.
    struct Targets {
        uint256 targetRoi;
        uint256 lowerMargin;
        uint256 upperMargin;
        uint256 wideningAlpha;
        uint256 minVisitations;
        uint256 thompsonPrior;
    }

    /// @notice Return on investment to aim at: value / cost, 18 decimals.
    uint256 public targetRoi;
    /// @notice How far below the target, as a share of it, is a dip, 18 decimals.
    uint256 public lowerMargin;
    /// @notice How far above the target, as a share of it, is a surge, 18 decimals.
    uint256 public upperMargin;
    /// @notice Exponent of progressive widening, 18 decimals.
    uint256 public wideningAlpha;
    /// @notice Visits that a node counts as having at least, 18 decimals.
    uint256 public minVisitations;
    /// @notice Prior of Thompson sampling, 18 decimals.
    uint256 public thompsonPrior;
    /// @notice May pause expansions, and nothing else; zero for nobody.
    address public pauser;

    event RoiTargetsUpdated(
        uint256 previousTargetRoi,
        uint256 previousLowerMargin,
        uint256 previousUpperMargin,
        uint256 targetRoi,
        uint256 lowerMargin,
        uint256 upperMargin
    );
    event WideningAlphaUpdated(uint256 previous, uint256 current);
    event MinVisitationsUpdated(uint256 previous, uint256 current);
    event ThompsonPriorUpdated(uint256 previous, uint256 current);
    event PauserUpdated(address indexed previous, address indexed current);

    /// @notice A value lies outside [minimum, maximum].
    error OutOfBounds(uint256 value, uint256 minimum, uint256 maximum);

    constructor(address owner_, Targets memory t) Ownable(owner_) {
        _setRoiTargets(t.targetRoi, t.lowerMargin, t.upperMargin);
        _setWideningAlpha(t.wideningAlpha);
        _setMinVisitations(t.minVisitations);
        _setThompsonPrior(t.thompsonPrior);
    }

    /// @notice Sets the target and its margins, 18 decimals. Owner only.
    /// @dev Reverts OutOfBounds unless 0.01 <= target <= 1000, lower <= 0.99, upper <= 10. Emits RoiTargetsUpdated.
    function setRoiTargets(uint256 target, uint256 lower, uint256 upper) external onlyOwner {
        _setRoiTargets(target, lower, upper);
    }

    /// @notice Sets the widening exponent, 18 decimals. Owner only.
    /// @dev Reverts OutOfBounds outside 0.01..10. Emits WideningAlphaUpdated.
    function setWideningAlpha(uint256 value) external onlyOwner {
        _setWideningAlpha(value);
    }

    /// @notice Sets the least number of visits, 18 decimals (one visit = 1e18). Owner only.
    /// @dev Reverts OutOfBounds outside 1..1,000,000. Emits MinVisitationsUpdated.
    function setMinVisitations(uint256 value) external onlyOwner {
        _setMinVisitations(value);
    }

    /// @notice Sets the prior, 18 decimals. Owner only.
    /// @dev Reverts OutOfBounds outside 0.01..1000. Emits ThompsonPriorUpdated.
    function setThompsonPrior(uint256 value) external onlyOwner {
        _setThompsonPrior(value);
    }

    /// @notice Names who may pause expansions; zero for nobody. Owner only.
    /// @dev Emits PauserUpdated.
    function setPauser(address newPauser) external onlyOwner {
        emit PauserUpdated(pauser, newPauser);
        pauser = newPauser;
    }

    /// @notice Pauses expansions. Owner or pauser.
    /// @dev Reverts OwnableUnauthorizedAccount, EnforcedPause when paused already. Emits Paused.
    function pause() external {
        if (msg.sender != pauser) _checkOwner();
        _pause();
    }

    /// @notice Lets expansions go on. Owner only: the pauser can't.
    /// @dev Reverts OwnableUnauthorizedAccount, ExpectedPause when not paused. Emits Unpaused.
    function unpause() external onlyOwner {
        _unpause();
    }

    /// @notice True while no expansion may start: the same as `paused()`.
    function expansionsPaused() external view returns (bool) {
        return paused();
    }

    function _setRoiTargets(uint256 target, uint256 lower, uint256 upper) private {
        _requireWithin(target, ONE / 100, 1_000 * ONE);
        _requireWithin(lower, 0, (99 * ONE) / 100);
        _requireWithin(upper, 0, 10 * ONE);
        emit RoiTargetsUpdated(targetRoi, lowerMargin, upperMargin, target, lower, upper);
        (targetRoi, lowerMargin, upperMargin) = (target, lower, upper);
    }

    function _setWideningAlpha(uint256 value) private {
        _requireWithin(value, ONE / 100, 10 * ONE);
        emit WideningAlphaUpdated(wideningAlpha, value);
        wideningAlpha = value;
    }

    function _setMinVisitations(uint256 value) private {
        _requireWithin(value, ONE, 1_000_000 * ONE);
        emit MinVisitationsUpdated(minVisitations, value);
        minVisitations = value;
    }

    function _setThompsonPrior(uint256 value) private {
        _requireWithin(value, ONE / 100, 1_000 * ONE);
        emit ThompsonPriorUpdated(thompsonPrior, value);
        thompsonPrior = value;
    }

    function _requireWithin(uint256 value, uint256 minimum, uint256 maximum) private pure {
        if (value < minimum || value > maximum) revert OutOfBounds(value, minimum, maximum);
    }
}
