"""What boto3 does to S3, on plain files: parts, ranges, copies, presigned addresses, batch deletion, checksums."""

import base64
import http.client
import io
import urllib.error
import urllib.request
import zlib

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.client import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

MIB = 1 << 20


@pytest.fixture(scope="module")
def b(s3) -> str:
    s3.create_bucket(Bucket="matrix")
    return "matrix"


def body(s3, b, key, **more) -> bytes:
    return s3.get_object(Bucket=b, Key=key, **more)["Body"].read()


def refused(code: str, call, **arguments) -> dict:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    assert caught.value.response["Error"]["Code"] == code
    return caught.value.response


@pytest.mark.parametrize("key", ["a", "deep/er/still", "ü ñ/中文.csv", "a+b c%20&=?#", "x", "x/1", "dots/..hidden", "trailing/"])
def test_keys_come_back_as_they_were(s3, b, key):
    s3.put_object(Bucket=b, Key=f"keys/{key}", Body=key.encode())
    assert body(s3, b, f"keys/{key}") == key.encode()
    assert f"keys/{key}" in [item["Key"] for item in s3.list_objects_v2(Bucket=b, Prefix="keys/")["Contents"]]


def test_metadata_and_type_are_kept(s3, b):
    put = s3.put_object(Bucket=b, Key="meta", Body=b"1,2", ContentType="text/csv", Metadata={"made-by": "me"})
    head = s3.head_object(Bucket=b, Key="meta")
    assert (head["ContentType"], head["Metadata"], head["ContentLength"], head["ETag"]) == ("text/csv", {"made-by": "me"}, 3, put["ETag"])


@pytest.mark.parametrize(("asked", "given"), [("bytes=0-3", b"0123"), ("bytes=4-", b"456789"), ("bytes=-2", b"89"), ("bytes=8-99", b"89")])
def test_ranges(s3, b, asked, given):
    s3.put_object(Bucket=b, Key="range", Body=b"0123456789")
    answer = s3.get_object(Bucket=b, Key="range", Range=asked)
    assert (answer["Body"].read(), answer["ResponseMetadata"]["HTTPStatusCode"]) == (given, 206)


def test_range_behind_the_end(s3, b):
    s3.put_object(Bucket=b, Key="range", Body=b"0123456789")
    refused("InvalidRange", s3.get_object, Bucket=b, Key="range", Range="bytes=20-30")


def test_conditions(s3, b):
    etag = s3.put_object(Bucket=b, Key="condition", Body=b"1")["ETag"]
    assert refused("304", s3.get_object, Bucket=b, Key="condition", IfNoneMatch=etag)["ResponseMetadata"]["HTTPStatusCode"] == 304
    refused("PreconditionFailed", s3.get_object, Bucket=b, Key="condition", IfMatch='"other"')


def test_large_file_goes_up_in_parts_and_down_in_ranges(s3, b):
    content = bytes(range(256)) * (20 * MIB // 256)
    config = TransferConfig(multipart_threshold=8 * MIB, multipart_chunksize=8 * MIB)
    s3.upload_fileobj(io.BytesIO(content), b, "large", Config=config)
    assert s3.head_object(Bucket=b, Key="large")["ETag"].strip('"').endswith("-3")
    down = io.BytesIO()
    s3.download_fileobj(b, "large", down, Config=config)
    assert down.getvalue() == content


def test_upload_that_is_given_up_leaves_nothing(s3, b):
    upload = s3.create_multipart_upload(Bucket=b, Key="given-up")["UploadId"]
    s3.upload_part(Bucket=b, Key="given-up", UploadId=upload, PartNumber=1, Body=b"x" * (5 * MIB))
    assert [part["PartNumber"] for part in s3.list_parts(Bucket=b, Key="given-up", UploadId=upload)["Parts"]] == [1]
    s3.abort_multipart_upload(Bucket=b, Key="given-up", UploadId=upload)
    refused("NoSuchUpload", s3.list_parts, Bucket=b, Key="given-up", UploadId=upload)
    refused("404", s3.head_object, Bucket=b, Key="given-up")


def test_copy_keeps_or_replaces_metadata(s3, b):
    s3.put_object(Bucket=b, Key="from", Body=b"copied", Metadata={"a": "1"})
    s3.copy_object(Bucket=b, Key="to", CopySource={"Bucket": b, "Key": "from"})
    assert (body(s3, b, "to"), s3.head_object(Bucket=b, Key="to")["Metadata"]) == (b"copied", {"a": "1"})
    s3.copy_object(Bucket=b, Key="to", CopySource={"Bucket": b, "Key": "from"}, MetadataDirective="REPLACE", Metadata={"b": "2"})
    assert s3.head_object(Bucket=b, Key="to")["Metadata"] == {"b": "2"}
    refused("NoSuchKey", s3.copy_object, Bucket=b, Key="to", CopySource={"Bucket": b, "Key": "nothing"})


def test_lists_fold_and_go_on(s3, b):
    for key in ("list/a", "list/b/1", "list/b/2", "list/c"):
        s3.put_object(Bucket=b, Key=key, Body=b"")
    folded = s3.list_objects_v2(Bucket=b, Prefix="list/", Delimiter="/")
    assert [item["Key"] for item in folded["Contents"]] == ["list/a", "list/c"]
    assert [item["Prefix"] for item in folded["CommonPrefixes"]] == ["list/b/"]
    for operation in ("list_objects", "list_objects_v2"):
        pages = s3.get_paginator(operation).paginate(Bucket=b, Prefix="list/", PaginationConfig={"PageSize": 1})
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        assert keys == ["list/a", "list/b/1", "list/b/2", "list/c"], operation


def test_many_are_deleted_at_once(s3, b):
    keys = [f"gone/{number}" for number in range(5)]
    for key in keys:
        s3.put_object(Bucket=b, Key=key, Body=b"")
    answer = s3.delete_objects(Bucket=b, Delete={"Objects": [{"Key": key} for key in [*keys, "gone/never-there"]]})
    assert len(answer["Deleted"]) == 6 and "Errors" not in answer
    assert "Contents" not in s3.list_objects_v2(Bucket=b, Prefix="gone/")


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_presigned_addresses(backend, b, version):
    import boto3

    s3 = boto3.client(
        "s3",
        endpoint_url=backend.address,
        region_name=backend.region,
        aws_access_key_id=backend.environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=backend.environment["AWS_SECRET_ACCESS_KEY"],
        config=Config(signature_version=version),
    )
    where = {"Bucket": b, "Key": f"presigned-{version}"}
    put = urllib.request.Request(s3.generate_presigned_url("put_object", Params=where), data=b"by hand", method="PUT", headers={"Content-Type": ""})
    assert urllib.request.urlopen(put).status == 200
    address = s3.generate_presigned_url("get_object", Params=where)
    assert urllib.request.urlopen(address).read() == b"by hand"
    for wrong in (address.replace("presigned", "presumed"), address.split("?")[0]):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(wrong)
        assert caught.value.code == 403, wrong


def test_checksums_are_kept_and_checked(s3, b):
    content = b"checked"
    crc = base64.b64encode(zlib.crc32(content).to_bytes(4, "big")).decode()
    s3.put_object(Bucket=b, Key="sum", Body=content, ChecksumAlgorithm="CRC32")
    assert s3.head_object(Bucket=b, Key="sum", ChecksumMode="ENABLED")["ChecksumCRC32"] == crc
    refused("BadDigest", s3.put_object, Bucket=b, Key="wrong-sum", Body=content, ChecksumCRC32="AAAAAA==")
    refused("404", s3.head_object, Bucket=b, Key="wrong-sum")


def test_buckets(s3, b):
    assert s3.head_bucket(Bucket=b)["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert b in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    refused("404", s3.head_bucket, Bucket="never-made")
    refused("NoSuchBucket", s3.list_objects_v2, Bucket="never-made")
    refused("BucketNotEmpty", s3.delete_bucket, Bucket=b)
    s3.create_bucket(Bucket="short-lived")
    s3.delete_bucket(Bucket="short-lived")
    refused("404", s3.head_bucket, Bucket="short-lived")


def test_missing_object_has_no_body(s3, b):
    refused("NoSuchKey", s3.get_object, Bucket=b, Key="nothing")
    refused("404", s3.head_object, Bucket=b, Key="nothing")


def test_wrong_key_is_refused(backend, b):
    import boto3

    stranger = boto3.client("s3", endpoint_url=backend.address, region_name=backend.region, aws_access_key_id="AKIAWRONG", aws_secret_access_key="wrong")
    with pytest.raises(ClientError) as caught:
        stranger.list_objects_v2(Bucket=b)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize("honest", [True, False])
def test_checksum_in_a_trailer(backend, s3, b, honest):
    """What SDKs send over TLS: the body in chunks, its checksum behind it. A wrong one leaves nothing behind."""
    sent = b"chunk by chunk " * 10_000
    key = f"trailer-{honest}"
    request = AWSRequest("PUT", f"{backend.address}/{b}/{key}")
    request.headers["Content-Encoding"] = "aws-chunked"
    request.headers["Transfer-Encoding"] = "chunked"
    request.headers["X-Amz-Trailer"] = "x-amz-checksum-crc32"
    request.headers["X-Amz-Decoded-Content-Length"] = str(len(sent))
    request.context["checksum"] = {"request_algorithm": {"algorithm": "crc32", "in": "trailer", "name": "x-amz-checksum-crc32"}}
    credentials = Credentials(backend.environment["AWS_ACCESS_KEY_ID"], backend.environment["AWS_SECRET_ACCESS_KEY"])
    S3SigV4Auth(credentials, "s3", backend.region).add_auth(request)
    checksum = base64.b64encode(zlib.crc32(sent if honest else b"else").to_bytes(4, "big")).decode()
    chunks = [sent[at : at + 65_536] for at in range(0, len(sent), 65_536)]
    framed = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    framed += f"0\r\nx-amz-checksum-crc32:{checksum}\r\n\r\n".encode()
    connection = http.client.HTTPConnection(backend.address.removeprefix("http://"))
    connection.request("PUT", f"/{b}/{key}", iter([framed]), dict(request.headers), encode_chunked=True)
    answer = connection.getresponse()
    text = answer.read().decode()
    if honest:
        assert answer.status == 200, text
        assert body(s3, b, key) == sent
    else:
        assert answer.status == 400, text
        assert "Contents" not in s3.list_objects_v2(Bucket=b, Prefix=key)
