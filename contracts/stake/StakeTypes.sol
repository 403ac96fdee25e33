// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {StakeParameters} from "./StakeParameters.sol";

/// @title StakeTypes
/// @notice StakeManager's AGI types: NFTs whose holders are paid a larger or smaller share.
/// @dev Every setter works while paused and emits its event also for the same value; none emits ParametersUpdated.
abstract contract StakeTypes is StakeParameters {
    struct AGIType {
        address nft;
        uint256 payoutPct;
    }

    /// @notice Nobody may allow more types than this.
    uint256 public constant MAX_AGI_TYPES_CAP = 50;
    /// @notice Highest payout of one type and of all together, percent.
    uint256 public constant MAX_PAYOUT_PCT = 200;

    /// @notice Types that there may be at most.
    uint256 public maxAGITypes = MAX_AGI_TYPES_CAP;
    /// @notice Highest payout that several types may give one holder together, percent.
    uint256 public maxTotalPayoutPct = MAX_PAYOUT_PCT;

    AGIType[] private _types;

    /// @notice Sets `maxAGITypes`.
    /// @dev Reverts MaxAGITypesExceeded above 50, MaxAGITypesBelowCurrent below the number there is. Emits
    ///      MaxAGITypesUpdated.
    function setMaxAGITypes(uint256 newMax) external onlyGovernance {
        if (newMax > MAX_AGI_TYPES_CAP) revert MaxAGITypesExceeded();
        if (newMax < _types.length) revert MaxAGITypesBelowCurrent();
        emit MaxAGITypesUpdated(maxAGITypes, newMax);
        maxAGITypes = newMax;
    }

    /// @notice Sets `maxTotalPayoutPct`, percent.
    /// @dev Reverts InvalidPercentage outside 100..200. Emits MaxTotalPayoutPctUpdated.
    function setMaxTotalPayoutPct(uint256 newMax) external onlyGovernance {
        if (newMax < 100 || newMax > MAX_PAYOUT_PCT) revert InvalidPercentage();
        emit MaxTotalPayoutPctUpdated(maxTotalPayoutPct, newMax);
        maxTotalPayoutPct = newMax;
    }

    /// @notice Adds a type, or changes its payout, percent (100 = as everyone).
    /// @dev Reverts InvalidParams for zero, InvalidPercentage outside 1..200, MaxAGITypesReached when there is no room.
    ///      Emits AGITypeUpdated.
    function addAGIType(address nft, uint256 payoutPct) external onlyGovernance {
        if (nft == address(0)) revert InvalidParams();
        if (payoutPct == 0 || payoutPct > MAX_PAYOUT_PCT) revert InvalidPercentage();
        (bool found, uint256 index) = _find(nft);
        if (found) {
            _types[index].payoutPct = payoutPct;
        } else {
            if (_types.length >= maxAGITypes) revert MaxAGITypesReached();
            _types.push(AGIType(nft, payoutPct));
        }
        emit AGITypeUpdated(nft, payoutPct);
    }

    /// @notice Removes a type; the last one takes its place in the list.
    /// @dev Reverts AGITypeNotFound. Emits AGITypeRemoved.
    function removeAGIType(address nft) external onlyGovernance {
        (bool found, uint256 index) = _find(nft);
        if (!found) revert AGITypeNotFound();
        _types[index] = _types[_types.length - 1];
        _types.pop();
        emit AGITypeRemoved(nft);
    }

    /// @notice All types. Their order means nothing.
    function getAGITypes() external view returns (AGIType[] memory) {
        return _types;
    }

    function _find(address nft) private view returns (bool found, uint256 index) {
        uint256 count = _types.length;
        for (uint256 i; i < count; ++i) {
            if (_types[i].nft == nft) return (true, i);
        }
    }
}
