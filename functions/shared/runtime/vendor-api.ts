/** A version of a vendor's API that is spoken here; it is named there alone. Where the vendor says what, stands beside it. */
export interface VendorApi {
  /** What of the vendor's it is, for people. */
  readonly what: string;
  readonly version: string;
  /** The day (`2027-07-01`) from which the vendor does not promise it any more: the first, where only a month is named. None where none is. */
  readonly ends?: string;
}

/** Long enough to go over to a later one with the next upgrade. */
export const AGEING_MS = 60 * 24 * 3600_000;
