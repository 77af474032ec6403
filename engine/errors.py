"""What the engine raises on purpose. Messages are written for the operator's log."""


class EngineError(Exception):
    """Something the engine cannot do now, said in one sentence."""


class UnknownProduct(EngineError):
    """No product of this id is in the catalogue."""

    def __init__(self, product: int) -> None:
        super().__init__(f"no product {product} in the catalogue")
        self.product = product


class UnknownIngredient(EngineError):
    """No ingredient of this name; `near` are the names closest to it, best first."""

    def __init__(self, name: str, near: tuple[str, ...] = ()) -> None:
        super().__init__(f"no ingredient {name!r} in the catalogue")
        self.name = name
        self.near = near


class StoreUnavailable(EngineError):
    """The database cannot be opened, read or written."""


class IndexUnavailable(EngineError):
    """The retrieval index is missing, torn, or made by another embedder."""


class MatrixUnavailable(EngineError):
    """The rating matrix is missing or torn."""


class ModelUnavailable(EngineError):
    """The language model's server did not answer in time."""


class SaidNothing(ModelUnavailable):
    """The language model's server was there, and its answer was empty."""


class ModelBusy(ModelUnavailable):
    """So many questions wait for the model already that another would wait too long."""


class UnknownAdapter(EngineError):
    """The model's server has no adapter of this name, or no such folder may be loaded."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no adapter {name!r}")


class AdapterInUse(EngineError):
    """The adapter that answers now is not unloaded."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r} answers now")


class AdapterRefused(EngineError):
    """The model's server did not load or unload an adapter."""


class LoadingOff(AdapterRefused):
    """The model's server loads and unloads nothing at run time."""

    def __init__(self) -> None:
        super().__init__("the server loads no adapters (VLLM_ALLOW_RUNTIME_LORA_UPDATING=True)")


class CatalogueEmpty(EngineError):
    """Nothing was ever loaded."""

    def __init__(self) -> None:
        super().__init__("the catalogue is empty: python -m ingest load …")
