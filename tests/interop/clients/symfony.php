<?php
// symfony/mailer, as EspoCRM uses it: send the small and the large message as
// they are. AUTH: login, plain.

declare(strict_types=1);

use Symfony\Component\Mailer\Envelope;
use Symfony\Component\Mailer\Transport\Smtp\Auth\LoginAuthenticator;
use Symfony\Component\Mailer\Transport\Smtp\Auth\PlainAuthenticator;
use Symfony\Component\Mailer\Transport\Smtp\EsmtpTransport;
use Symfony\Component\Mime\Address;
use Symfony\Component\Mime\RawMessage;

require 'Symfony/Component/Mailer/autoload.php';

set_exception_handler(function (Throwable $error): never {
    fwrite(STDERR, $error->getMessage() . "\n");
    exit(1);
});

$transport = new EsmtpTransport(getenv('SMTP_HOST'), (int) getenv('SMTP_PORT'), getenv('SMTP_TLS') === 'implicit');
$transport->setUsername(getenv('USERNAME'));
$transport->setPassword(getenv('PASSWORD'));
$transport->setLocalDomain('client.example.com');
if (getenv('SMTP_TLS') !== 'none') {
    $transport->getStream()->setStreamOptions(['ssl' => ['cafile' => getenv('CA_FILE')]]);
}
$authenticator = (getenv('AUTH') ?: 'login') === 'login' ? new LoginAuthenticator() : new PlainAuthenticator();
// EspoCRM names the one it wants; this release has no way to, so it is set within.
(function () use ($authenticator) {
    $this->authenticators = [$authenticator];
})->call($transport);

$envelope = new Envelope(new Address(getenv('SENDER') ?: getenv('USERNAME')), [new Address(getenv('RECIPIENT'))]);
foreach (['SMALL_FILE', 'MESSAGE_FILE'] as $name) {
    // It always writes CRLF before the final dot, also after a CRLF.
    $message = preg_replace('/\r\n\z/', '', file_get_contents(getenv($name)));
    $transport->send(new RawMessage($message), $envelope);
}
unset($transport); // says QUIT
echo "ok\n";
