<?php
// Stands in for the classes of EspoCRM that docs/crm-push-button.md uses, with nothing but what
// it uses. Which records there are, and who may see them, is told by the environment.

namespace Espo\Core\Acl {
    class Table
    {
        public const ACTION_READ = 'read';
    }
}

namespace Espo\Core {
    class Acl
    {
        public function checkScope(string $scope, ?string $action = null): bool
        {
            return $action === Acl\Table::ACTION_READ && getenv('ESPO_NO_SCOPE') !== $scope;
        }
    }
}

namespace Espo\Core\Exceptions {
    class BadRequest extends \Exception {}
    class Forbidden extends \Exception {}
}

namespace Espo\Core\Api {
    class Request
    {
        public function getParsedBody(): object
        {
            return json_decode(getenv('ESPO_REQUEST'));
        }
    }

    class Response
    {
        public function __construct(public string $text) {}
    }

    class ResponseComposer
    {
        public static function json(mixed $data): Response
        {
            return new Response(json_encode($data));
        }
    }

    interface Action
    {
        public function process(Request $request): Response;
    }
}

namespace Espo\Core\Utils {
    class Config
    {
        public function get(string $name): ?string
        {
            return getenv($name) ?: null;
        }
    }
}

namespace Espo\Entities {
    class User
    {
        public function getId(): string
        {
            return getenv('ESPO_USER');
        }

        public function isPortal(): bool
        {
            return false;
        }
    }
}

namespace Espo\Core\Select {
    class SearchParams
    {
        private function __construct(public array $where) {}

        public static function fromRaw(array $raw): self
        {
            return new self($raw['where']);
        }
    }

    class SelectBuilderFactory
    {
        public function create(): SelectBuilder
        {
            return new SelectBuilder();
        }
    }

    // The real ones are two: this one, and one of the database that follows it.
    class SelectBuilder
    {
        public ?string $from = null;
        public bool $strict = false;
        public array $where = [];
        public int $most = PHP_INT_MAX;

        public function from(string $entityType): self
        {
            $this->from = $entityType;
            return $this;
        }

        public function forUser(\Espo\Entities\User $user): self
        {
            return $this;
        }

        public function withStrictAccessControl(): self
        {
            $this->strict = true;
            return $this;
        }

        public function withSearchParams(SearchParams $params): self
        {
            $this->where = $params->where;
            return $this;
        }

        public function buildQueryBuilder(): self
        {
            return $this;
        }

        public function limit(int $offset, int $most): self
        {
            $this->most = $most;
            return $this;
        }

        public function build(): self
        {
            return $this;
        }
    }
}

namespace Espo\ORM {
    use Espo\Core\Select\SelectBuilder;

    class Record
    {
        public function __construct(private string $id) {}

        public function getId(): string
        {
            return $this->id;
        }
    }

    class Repository
    {
        private ?SelectBuilder $query = null;

        public function clone(SelectBuilder $query): self
        {
            $this->query = $query;
            return $this;
        }

        public function sth(): self
        {
            return $this;
        }

        public function find(): iterable
        {
            if (!$this->query?->strict) {
                throw new \LogicException('rights are not looked at');
            }
            $wanted = $this->query->where[0]['value'];
            foreach (array_slice(explode(' ', getenv('ESPO_VISIBLE')), 0, $this->query->most) as $id) {
                if (in_array($id, $wanted, true)) {
                    yield new Record($id);
                }
            }
        }
    }

    class EntityManager
    {
        public function getRDBRepository(string $entityType): Repository
        {
            return new Repository();
        }
    }
}

namespace {
    require __DIR__ . '/custom/Espo/Custom/Classes/Postern/Gateway.php';
    require __DIR__ . '/custom/Espo/Custom/Api/PushToGoogle.php';

    $action = new Espo\Custom\Api\PushToGoogle(
        new Espo\Core\Acl(),
        new Espo\Entities\User(),
        new Espo\Core\Utils\Config(),
        new Espo\Core\Select\SelectBuilderFactory(),
        new Espo\ORM\EntityManager()
    );
    echo $action->process(new Espo\Core\Api\Request())->text;
}
