import { SecretValue, Validations } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

export interface ClientSecretProps {
  readonly client: string;
  /** Last part of `ezw/<client>/<name>`; people type the whole name, so it is fixed. */
  readonly name: string;
  /**
   * Placeholder of a new secret. CloudFormation writes it once and again only when this very text changes, so a real
   * value put in by hand outlives every deployment: do not edit the placeholders.
   */
  readonly placeholder: string;
}

/** A secret whose value is put in by hand, never by a deployment. */
export class ClientSecret extends Construct {
  readonly secret: Secret;

  constructor(scope: Construct, id: string, { client, name, placeholder }: ClientSecretProps) {
    super(scope, id);
    this.secret = new Secret(this, 'Secret', {
      secretName: `ezw/${client}/${name}`,
      secretStringValue: SecretValue.unsafePlainText(placeholder),
    });
    Validations.of(this.secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'Other systems issue these values and have no API to change them; an operator rotates them by hand.',
    });
  }
}
