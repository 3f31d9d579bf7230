/** The make-believe AWS account that everything local lives in. The emulators know no other. */
export const region = 'us-east-1';
export const accountId = '000000000000';
