// Recording and replaying what changes a network.
#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"
#include "engine/nets/network.h"

namespace yard::nets {

Status Network::record(const std::string& name) {
  if (!recording_.empty()) return fail(ErrorCode::kConflict, recording_ + " is being recorded");
  if (name.empty()) return fail(ErrorCode::kInvalidArguments, "a storyline has a name");
  if (storylines_.size() >= kStorylinesMax) return fail(ErrorCode::kTooLarge, "there are too many storylines");
  storylines_[name].clear();
  recording_ = name;
  return {};
}

Status Network::stop_recording() {
  if (recording_.empty()) return fail(ErrorCode::kConflict, "nothing is being recorded");
  recording_.clear();
  return {};
}

Status Network::replay(const std::string& name) {
  const auto found = storylines_.find(name);
  if (found == storylines_.end()) return fail(ErrorCode::kNotFound, "there is no storyline " + name);
  if (name == recording_) return fail(ErrorCode::kConflict, name + " is being recorded");
  const Storyline& line = found->second;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (const auto done = apply(line[i]); !done) {
      Error error = done.error();
      return fail(error.code, std::move(error.message), "/" + std::to_string(i) + error.pointer);
    }
  }
  return {};
}

std::string Network::storyline_json(const std::string& name) const {
  const auto found = storylines_.find(name);
  if (found == storylines_.end()) return {};
  nlohmann::json line = nlohmann::json::array();
  for (const Operation& operation : found->second) line.push_back(to_json(operation));
  return line.dump();
}

Status Network::add_storyline(const std::string& name, std::string_view json) {
  if (name.empty() || name == recording_) return fail(ErrorCode::kConflict, "this name cannot be had");
  if (storylines_.size() >= kStorylinesMax) return fail(ErrorCode::kTooLarge, "there are too many storylines");
  YARD_TRY(const nlohmann::json parsed, parse_json(json));
  if (!parsed.is_array() || parsed.size() > kOperationsMax)
    return fail(ErrorCode::kInvalidArguments, "a storyline is an array of operations");
  Storyline line;
  for (std::size_t i = 0; i < parsed.size(); ++i) {
    auto operation = parse_operation(parsed[i]);
    if (!operation)
      return fail(operation.error().code, operation.error().message,
                  "/" + std::to_string(i) + operation.error().pointer);
    line.push_back(*std::move(operation));
  }
  storylines_[name] = std::move(line);
  return {};
}

}  // namespace yard::nets
