import { describe, expect, it } from 'vitest';
import { lineTroubleOf } from '../../functions/shared/ezwhatsapp/line-trouble.ts';

describe('what a health answer says that only people can mend', () => {
  it.each([
    // whapi's words, which the vendor's own follow.
    ['QR', 'qr_required', 'blocked', 'unlinked'],
    ['AUTH', 'connected', 'blocked', undefined],
    ['INIT', 'launching', 'blocked', undefined],
    ['LAUNCH', '', '', undefined],
    ['STOP', 'stopped', 'blocked', undefined],
    ['SYNC_ERROR', 'connected', '', undefined],
    // WAHA, whatsapp-web.js
    ['SCAN_QR_CODE', '', '', 'unlinked'],
    ['', 'UNPAIRED', '', 'unlinked'],
    ['', 'UNPAIRED_IDLE', '', 'unlinked'],
    ['', 'LOGOUT', '', 'unlinked'],
    ['TOS_BLOCK', '', '', 'banned'],
    ['SMB_TOS_BLOCK', '', '', 'banned'],
    ['CONFLICT', 'PAIRING', '', undefined],
    ['TIMEOUT', 'OPENING', '', undefined],
    ['DEPRECATED_VERSION', '', '', undefined],
    // Baileys, Evolution API, Green API
    ['', 'loggedOut', '', 'unlinked'],
    ['', 'device_removed', '', 'unlinked'],
    ['', 'notAuthorized', '', 'unlinked'],
    ['', 'blocked', '', 'banned'],
    ['', 'yellowCard', '', 'banned'],
    // as others may word it
    ['', 'needsQRScan', '', 'unlinked'],
    ['', 'qrcode_required', '', 'unlinked'],
    ['', 'BANNED', '', 'banned'],
    ['', 'not_banned', '', undefined],
    ['', 'blocked_rate_limit', '', undefined],
    ['', 'ban_lifted', '', undefined],
    ['', 'previously_banned', '', undefined],
    ['', 'qr_scanned', '', undefined],
    ['', 'scan_complete', '', undefined],
    ['', 'something new', 'blocked', undefined],
    ['', '', '', undefined],
  ])('%s, %s, %s: %s', (healthText, lifecycleState, effectiveSendState, trouble) => {
    expect(lineTroubleOf({ sendable: false, healthText, lifecycleState, effectiveSendState })).toBe(trouble);
  });

  it('is none of a line that can send, and none where there is no answer', () => {
    expect(lineTroubleOf({ sendable: true, healthText: 'QR' })).toBeUndefined();
    expect(lineTroubleOf({ sendable: false, problem: 'health_503' })).toBeUndefined();
  });
});
