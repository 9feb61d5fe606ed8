-- Asks the queries of a file in turn: one line each, ready for an address.
-- Arguments: the file, the path with "?query=", the Accept header, a mark that makes each text its own or "",
-- and the milliseconds that a client rests between requests on average, or 0.

local queries, asked, path, mark = {}, 0, "", ""

function init(arguments)
  for line in io.lines(arguments[1]) do queries[#queries + 1] = line end
  path, mark = arguments[2], arguments[4] or ""
  wrk.headers["Accept"] = arguments[3]
  local rest = tonumber(arguments[5]) or 0
  if rest > 0 then
    function delay() return math.random(0, 2 * rest) end
  end
end

function request()
  asked = asked + 1
  local query = queries[(asked - 1) % #queries + 1]
  if mark ~= "" then query = "%23" .. mark .. "-" .. asked .. "%0A" .. query end
  return wrk.format("GET", path .. query)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "bytes": %d, "refused": %d, "broken": %d, "late": %d, ' ..
    '"p50_ms": %f, "p99_ms": %f, "max_ms": %f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, errors.status,
    errors.connect + errors.read + errors.write, errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
