import { alarms } from '../constructs/alarms.ts';
import { allow } from '../constructs/allow.ts';
import type { TemplateResources } from '../template-resources.ts';

/** An alarm clock for what waits for its tracking number; stories of orders stand beside their sends, which what ends an order ends. */
export const resources: TemplateResources = {
  extras(parts, { sender: { ledger } }) {
    const { use } = alarms(parts);
    return () => {
      const { environment, permissions } = use();
      return {
        environment: { SENDS_TABLE: ledger.tableName, ...environment },
        permissions: [
          allow(ledger.tableArn, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'),
          ...permissions,
        ],
      };
    };
  },
};
