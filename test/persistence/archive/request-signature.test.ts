import { expect, test } from "bun:test";
import { signRequest } from "../../../src/persistence/archive/request-signature.ts";

/** The example keys of Amazon's documentation, which every library tests with. */
const CREDENTIALS = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  sessionToken: "",
};

const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const NOW = new Date("2013-05-24T00:00:00Z");

// Amazon S3 API Reference, "Signature Calculations for the Authorization Header", its two examples
// without a query.
test.each([
  [
    {
      method: "GET",
      url: "https://examplebucket.s3.amazonaws.com/test.txt",
      region: "us-east-1",
      headers: { range: "bytes=0-9", "x-amz-content-sha256": EMPTY_SHA256 },
    },
    "host;range;x-amz-content-sha256;x-amz-date",
    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  ],
  [
    {
      method: "PUT",
      url: "https://examplebucket.s3.amazonaws.com/test%24file.text",
      region: "us-east-1",
      headers: {
        date: "Fri, 24 May 2013 00:00:00 GMT",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-content-sha256": "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
      },
    },
    "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
  ],
])("signs the example %#", (request, names, signature) => {
  expect(signRequest(request, CREDENTIALS, NOW)).toEqual({
    ...request.headers,
    host: "examplebucket.s3.amazonaws.com",
    "x-amz-date": "20130524T000000Z",
    authorization:
      "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request," +
      `SignedHeaders=${names},Signature=${signature}`,
  });
});

test("a session token is signed with the rest, and the body is not", () => {
  const request = { method: "PUT", url: "http://localhost:9000/b/k", region: "r", headers: {} };
  const signed = signRequest(request, { ...CREDENTIALS, sessionToken: "TOKEN" }, NOW);
  expect(signed).toMatchObject({
    host: "localhost:9000",
    "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
    "x-amz-security-token": "TOKEN",
  });
  expect(signed.authorization).toContain(
    "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,",
  );
});
