// Journals of graphs, for the commands that read them.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/journal/posix_disk.h"
#include "engine/world/replay.h"

namespace yard::cli {

class GraphJournal {
 public:
  // Errors: kNotFound (no such folder), kUnavailable (somebody writes it), kIo.
  [[nodiscard]] static Result<GraphJournal> open(const std::string& folder);

  // From the first record on, or where that is gone from the newest snapshot. Errors: graph::replay_journal's.
  [[nodiscard]] Status replay(graph::Replay& replay) const;

  // Calls visit for all records that are there; nodes have names once a graph has come by.
  using Visit = std::function<void(std::uint64_t seq, const tickets::Record& record, const graph::Image* image)>;
  [[nodiscard]] Status each(const Visit& visit) const;

 private:
  explicit GraphJournal(std::unique_ptr<journal::PosixDisk> disk) : disk_(std::move(disk)) {}

  std::unique_ptr<journal::PosixDisk> disk_;
};

// On one line, whatever bytes are in it.
[[nodiscard]] std::string text_of(const nlohmann::ordered_json& value);

}  // namespace yard::cli
