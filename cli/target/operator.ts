import { userInfo } from 'node:os';

/** Who stands behind a change made by hand, unless `--by` says so. */
export const operatorName = (by: string | undefined): string => by ?? userInfo().username;
