#include "tools/cas/result_store.h"

#include "engine/base/pack.h"

namespace yard::tools {

jobs::StoreResult store_results_in(Cas& cas) {
  return [&cas](BytesView result) -> Result<Bytes> {
    auto object = cas.store(result, kMsgpack);
    if (!object) {
      object.error().message =
          "its result of " + std::to_string(result.size()) + " bytes could not be stored: " + object.error().message;
      return std::unexpected(std::move(object).error());
    }
    Bytes reference;
    PackWriter writer(reference);
    PackMap(writer).string("content_hash", object->hash.text()).natural("size_bytes", object->size);
    return reference;
  };
}

}  // namespace yard::tools
