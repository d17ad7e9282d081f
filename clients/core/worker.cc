#include "clients/core/worker.h"

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "clients/core/endpoints.h"
#include "clients/core/worker_attempt.h"
#include "clients/core/worker_link.h"
#include "engine/base/bounded_queue.h"
#include "engine/base/pack_json.h"

namespace yard::client {
namespace {

Status write_schema(PackMap& map, std::string_view field, const WorkerTool& tool, const std::string& schema) {
  const auto parsed = parse_json(schema);
  if (!parsed) return fail(ErrorCode::kBadRequest, "tool " + tool.name + ", " + std::string(field) + ": no JSON");
  write_json(map.value(field), *parsed);
  return {};
}

Status write_tool(PackMap map, const WorkerTool& tool) {
  map.string("name", tool.name).natural("version", tool.version).string("description", tool.description);
  for (const auto& [field, text] :
       {std::pair("title", &tool.title), {"timeout_class", &tool.timeout_class}, {"grade", &tool.grade}}) {
    if (!text->empty()) map.string(field, *text);
  }
  for (const auto& [field, time] :
       {std::pair("wait_ms", tool.wait), {"timeout_ms", tool.timeout}, {"result_ttl_ms", tool.result_ttl}}) {
    if (time > Millis::zero()) map.integer(field, time.count());
  }
  if (tool.concurrency_max > 0) map.natural("concurrency_max", tool.concurrency_max);
  if (!tool.resources.empty()) {
    PackMap resources = map.map("resources");
    for (const auto& [name, amount] : tool.resources) resources.natural(name, amount);
  }
  map.boolean("streams", tool.streams).boolean("read_only", tool.read_only).boolean("idempotent", tool.idempotent);
  if (tool.deterministic) map.boolean("deterministic", true);
  map.boolean("destructive", tool.destructive).boolean("open_world", tool.open_world);
  YARD_TRY_STATUS(write_schema(map, "arguments", tool, tool.arguments));
  return write_schema(map, "result", tool, tool.result);
}

}  // namespace

class Worker::Impl {
 public:
  explicit Impl(WorkerOptions options) : options_(std::move(options)) {
    if (options_.workers.empty()) options_.workers = default_workers_endpoint();
  }

  void offer(WorkerTool tool, WorkerHandler handler) {
    handlers_[tool.name] = std::move(handler);
    tools_.push_back(std::move(tool));
  }

  Status run(const std::stop_token& stop) {
    YARD_TRY(Bytes tools, declarations());
    Ready ready(options_.concurrency + options_.prefetch);
    WorkerLink link(options_, std::move(tools),
                    [&](std::shared_ptr<WorkerAttempt> attempt) { return ready.try_push(std::move(attempt)); });
    std::vector<std::jthread> pool;
    pool.reserve(options_.concurrency);
    for (std::size_t i = 0; i < options_.concurrency; ++i) pool.emplace_back([&] { serve(ready); });
    const Status served = link.run(stop);
    ready.close();
    pool.clear();
    return served;
  }

 private:
  using Ready = BoundedQueue<std::shared_ptr<WorkerAttempt>>;

  [[nodiscard]] Result<Bytes> declarations() const {
    Bytes packed;
    PackWriter writer(packed);
    {
      PackArray array(writer);
      for (const WorkerTool& tool : tools_) YARD_TRY_STATUS(write_tool(array.map(), tool));
    }
    return packed;
  }

  void serve(Ready& ready) {
    std::vector<std::shared_ptr<WorkerAttempt>> taken;
    while (ready.pop_batch(taken, 1)) {
      for (const auto& attempt : taken) attempt->run(handlers_.at(attempt->tool()));
    }
  }

  WorkerOptions options_;
  std::vector<WorkerTool> tools_;
  std::map<std::string, WorkerHandler> handlers_;  // by tool; not changed while the pool runs
};

Worker::Worker(WorkerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Worker::~Worker() = default;
void Worker::offer(WorkerTool tool, WorkerHandler handler) { impl_->offer(std::move(tool), std::move(handler)); }
Status Worker::run(const std::stop_token& stop) { return impl_->run(stop); }

}  // namespace yard::client
