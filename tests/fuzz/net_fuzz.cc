// Any bytes as a net, text, JSON or snapshot: a net or problems, the same each time; a net can be reduced, printed,
// kept and loaded again, and comes out the same on two workers.
#include "engine/base/check.h"
#include "engine/nets/load.h"
#include "engine/nets/print.h"
#include "engine/nets/snapshot.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace yard;
using namespace yard::nets;

constexpr std::size_t kAgentsToRun = 100'000;
constexpr std::uint64_t kInteractions = 1'000;

void check_reduction(const State& start, const TextPool& texts) {
  static tickets::WorkerPool pool({.workers = 2, .perturb_seed = 1});
  State alone = start;
  State shared = start;
  const Reduction done = reduce(alone, kInteractions);
  YARD_CHECK(done.interactions <= kInteractions);
  YARD_CHECK(reduce(shared, kInteractions, pool).interactions == done.interactions);
  const Bytes bytes = save(alone, texts);
  YARD_CHECK(save(shared, texts) == bytes);
  const PrintedNet printed = print_net(alone, texts, 10'000);
  const auto again = Network::restore(bytes);
  YARD_CHECK(again && again->snapshot() == bytes);
  YARD_CHECK(print_net(again->state(), again->texts(), 10'000).equations == printed.equations);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto network = load_net(bytes);
  const auto again = load_net(bytes);
  YARD_CHECK(network.has_value() == again.has_value());
  if (!network) {
    YARD_CHECK(!network.error().empty() && network.error().size() == again.error().size());
    for (std::size_t i = 0; i < network.error().size(); ++i)
      YARD_CHECK(network.error()[i].where == again.error()[i].where && !network.error()[i].message.empty());
    return 0;
  }
  YARD_CHECK(network->hash() == again->hash());
  if (network->state().heap.end() < kAgentsToRun) check_reduction(network->state(), network->texts());
  return 0;
}
