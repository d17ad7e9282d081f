// Checked bytes can be read by every accessor, and say the same when written again.
#include <nlohmann/json.hpp>

#include "engine/base/check.h"
#include "engine/base/pack.h"
#include "engine/base/pack_json.h"
#include "tests/fuzz/fuzz.h"

namespace yard {
namespace {

// Touches everything a reader can ask of `view` and returns the number of values in it.
std::size_t walk(PackView view) {
  YARD_CHECK(view.type().has_value());
  const int scalars =
      view.is_nil() + view.boolean().has_value() + view.string().has_value() + view.binary().has_value();
  YARD_CHECK(scalars <= 1);
  YARD_CHECK(!view.integer() || view.real());
  std::size_t values = 1;
  std::size_t children = 0;
  view.each_element([&](PackView element) {
    values += walk(element);
    ++children;
  });
  view.each_pair([&](std::string_view key, PackView value) {
    YARD_CHECK(view.find(key).bytes().data() == value.bytes().data());
    values += 1 + walk(value);
    ++children;
  });
  YARD_CHECK(children == view.size());
  return values;
}

}  // namespace
}  // namespace yard

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace yard;
  const BytesView bytes(reinterpret_cast<const char*>(data), size);
  const PackLimits limits;
  const auto length = check_pack_prefix(bytes, limits);
  YARD_CHECK(check_pack(bytes, limits).has_value() == (length && *length == size));
  if (!length) {
    YARD_CHECK(!length.error().message.empty());
    return 0;
  }
  const PackView view(bytes);
  YARD_CHECK(view.bytes().size() == *length);
  YARD_CHECK(walk(view) <= limits.nodes_max);
  const nlohmann::json first = to_json(view);
  const Bytes again = pack(first);
  YARD_CHECK(check_pack(again, limits).has_value());
  YARD_CHECK(to_json(PackView(again)) == first);
  return 0;
}
