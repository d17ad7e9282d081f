// Session: a world that is driven by lines of JSON. PROTOCOL.md has the requests and the answers.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/world/world.h"

namespace yard::graph {

inline constexpr std::size_t kLineBytesMax = std::size_t{64} << 20;  // a graph may be in it
inline constexpr std::size_t kBatchMax = 65'536;                     // causes in one line

struct SessionOptions {
  // Reads the file that a reload names; none: reloads bring their graph along.
  std::function<Result<std::string>(const std::string& file)> read_file = {};
};

// Threads: the world's.
class Session {
 public:
  // `world` must outlive it.
  explicit Session(World& world, SessionOptions options = {}) : world_(world), options_(std::move(options)) {}

  // Takes one request, which is a batch: nothing of it happens if it is refused. The world must be at rest; the caller
  // has it settle afterwards.
  //
  // Returns what is to be answered: {"ok": true, …}, or {"ok": false, "code", "pointer", "err"}.
  [[nodiscard]] nlohmann::ordered_json take(std::string_view line);
  [[nodiscard]] nlohmann::ordered_json ask(const nlohmann::json& request);

 private:
  [[nodiscard]] Result<nlohmann::ordered_json> answered(const nlohmann::json& request);
  [[nodiscard]] Result<nlohmann::ordered_json> get(const nlohmann::json& request);
  [[nodiscard]] Result<nlohmann::ordered_json> reload(const nlohmann::json& request);

  void index_nodes();

  World& world_;
  SessionOptions options_;
  std::unordered_map<std::string_view, NodeHandle> nodes_;  // by id, of the graph of `epoch_`
  std::uint32_t epoch_ = 0;
};

// {"type": "effect", …} or {"type": "call", …}, and {"type": "breach", …}.
[[nodiscard]] nlohmann::ordered_json to_json(const Effect& effect, const Image& image);
[[nodiscard]] nlohmann::ordered_json to_json(const Breach& breach, const Image& image);
[[nodiscard]] nlohmann::ordered_json to_json(const WorldStats& stats);
// {"ok": false, "code", "pointer", "err"}.
[[nodiscard]] nlohmann::ordered_json refusal(const Error& error);

// The output that `text`, "node" or "node:port", names. Ids may have colons: the longest node that fits is taken.
// Errors: kNotFound.
[[nodiscard]] Result<std::uint32_t> find_output(const World& world, std::string_view text);

}  // namespace yard::graph
