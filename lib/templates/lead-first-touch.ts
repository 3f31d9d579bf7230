import { allow } from '../constructs/allow.ts';
import type { TemplateResources } from '../template-resources.ts';

/** A lead is touched once per phone, and again only if the earlier message surely never left. */
export const resources: TemplateResources = {
  extras:
    (_, { contacts: { table, salt }, sender: { ledger } }) =>
    () => ({
      environment: {
        CONTACTS_TABLE: table.tableName,
        CONTACT_SALT_SECRET: salt.name,
        SENDS_TABLE: ledger.tableName,
      },
      permissions: [
        allow(table.tableArn, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'),
        salt.mayRead,
        allow(ledger.tableArn, 'dynamodb:GetItem'),
      ],
    }),
};
