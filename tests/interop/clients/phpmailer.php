<?php
// PHPMailer, as SuiteCRM and vtiger use it. It writes its messages itself: the
// small and the large file go as attachments (base64: keep the large one below
// 25 MiB), and each one's sum is printed as "sha256 HEX". AUTH: login, plain.

declare(strict_types=1);

use PHPMailer\PHPMailer\PHPMailer;

require 'libphp-phpmailer/autoload.php';

set_exception_handler(function (Throwable $error): never {
    fwrite(STDERR, $error->getMessage() . "\n");
    exit(1);
});

$tls = ['none' => '', 'implicit' => PHPMailer::ENCRYPTION_SMTPS, 'starttls' => PHPMailer::ENCRYPTION_STARTTLS];
foreach (['SMALL_FILE', 'MESSAGE_FILE'] as $name) {
    $mail = new PHPMailer(true);
    $mail->isSMTP();
    $mail->Host = getenv('SMTP_HOST');
    $mail->Port = (int) getenv('SMTP_PORT');
    $mail->SMTPSecure = $tls[getenv('SMTP_TLS')];
    $mail->SMTPAutoTLS = false;
    $mail->SMTPOptions = ['ssl' => ['cafile' => getenv('CA_FILE') ?: null]];
    $mail->SMTPAuth = true;
    $mail->AuthType = strtoupper(getenv('AUTH') ?: 'login');
    $mail->Username = getenv('USERNAME');
    $mail->Password = getenv('PASSWORD');
    $mail->setFrom(getenv('SENDER') ?: getenv('USERNAME'));
    $mail->addAddress(getenv('RECIPIENT'));
    $mail->Subject = "from PHPMailer: $name";
    $mail->Body = ".\r\n..a line that begins with dots\r\n";
    $mail->addAttachment(getenv($name), 'attached.bin', PHPMailer::ENCODING_BASE64, 'application/octet-stream');
    $mail->send();
    echo 'sha256 ', hash_file('sha256', getenv($name)), "\n";
}
echo "ok\n";
