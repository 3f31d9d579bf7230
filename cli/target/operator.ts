import { userInfo } from 'node:os';
import { plainWords } from '../../functions/shared/runtime/characters.ts';

/** Who stands behind a change made by hand, unless `--by` says so. */
export const operatorName = (by: string | undefined): string => plainWords(by ?? '') || userInfo().username;
