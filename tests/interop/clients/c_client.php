<?php
// PHP's ext-imap (c-client), as SuiteCRM and vtiger use it: log in, list, append
// the large message, fetch it back, compare. It has no IDLE.
// AUTH: plain, login, command, any (PLAIN, and LOGIN when that is refused).
// With TLS the host must be a name: c-client finds no addresses in a certificate.
// Its STARTTLS speaks TLS 1.0 only, which no server here takes.

declare(strict_types=1);

function stop(string $text): never
{
    fwrite(STDERR, $text . "\n" . implode("\n", imap_errors() ?: []) . "\n");
    exit(1);
}

$auth = getenv('AUTH') ?: 'plain';
$disabled = ['plain' => ['LOGIN'], 'login' => ['PLAIN'], 'command' => ['PLAIN', 'LOGIN'], 'any' => []][$auth]
    ?? stop("unknown AUTH $auth");
$tls = ['none' => '/notls', 'implicit' => '/ssl'][getenv('IMAP_TLS')] ?? stop('no STARTTLS with c-client');
if (getenv('IMAP_TLS') !== 'none') {
    // c-client has no option for it and takes OpenSSL's.
    putenv('SSL_CERT_FILE=' . getenv('CA_FILE'));
}
$server = sprintf('{%s:%s/imap%s}', getenv('IMAP_HOST'), getenv('IMAP_PORT'), $tls);
$folder = $server . (getenv('FOLDER') ?: 'INBOX');
$message = file_get_contents(getenv('MESSAGE_FILE'));

$imap = @imap_open($folder, getenv('USERNAME'), getenv('PASSWORD'), 0, 0, ['DISABLE_AUTHENTICATOR' => $disabled]);
$imap ?: stop('login refused');
in_array($server . 'INBOX', imap_list($imap, $server, '*') ?: [], true) || stop('no INBOX in the list');
imap_append($imap, $folder, $message) || stop('append refused');
imap_ping($imap) || stop('ping refused');
imap_fetchbody($imap, imap_num_msg($imap), '', FT_PEEK) === $message
    || stop('what was fetched is not what was appended');
imap_close($imap) || stop('close refused');
// It warns of a password over cleartext, here meant; PHP would print that at the end.
imap_errors();
imap_alerts();
echo "ok\n";
