//! XGBoost's C API, loaded at run time: the fifteen functions that training needs.
//!
//! Reference: <https://xgboost.readthedocs.io/en/stable/c.html>. Every function returns 0, or -1 with the reason in
//! `XGBGetLastError`. The handles live no longer than the library, which the lifetimes below say.

use crate::data::{Features, Table};
use libloading::{Library as Dynamic, Symbol};
use std::{
    ffi::{CStr, CString, c_char, c_float, c_int, c_void},
    path::Path,
    ptr,
};

/// Why XGBoost refused, in its own words, or why it could not be loaded.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct XgboostError(pub String);

type Result<T> = std::result::Result<T, XgboostError>;
type Handle = *mut c_void;

macro_rules! api {
    ($($field:ident = $symbol:literal: fn($($arg:ty),*);)+) => {
        struct Api { last_error: unsafe extern "C" fn() -> *const c_char, $($field: unsafe extern "C" fn($($arg),*) -> c_int),+ }

        impl Api {
            fn load(library: &Dynamic) -> std::result::Result<Api, libloading::Error> {
                // SAFETY: the signatures are those of XGBoost's c_api.h.
                unsafe {
                    let last_error: Symbol<'_, unsafe extern "C" fn() -> *const c_char> = library.get(b"XGBGetLastError\0")?;
                    Ok(Api {
                        last_error: *last_error,
                        $($field: *library.get::<unsafe extern "C" fn($($arg),*) -> c_int>(concat!($symbol, "\0").as_bytes())?),+
                    })
                }
            }
        }
    };
}

api! {
    matrix_dense = "XGDMatrixCreateFromMat": fn(*const c_float, u64, u64, c_float, *mut Handle);
    matrix_sparse = "XGDMatrixCreateFromCSR": fn(*const c_char, *const c_char, *const c_char, u64, *const c_char, *mut Handle);
    matrix_info = "XGDMatrixSetInfoFromInterface": fn(Handle, *const c_char, *const c_char);
    matrix_free = "XGDMatrixFree": fn(Handle);
    booster_create = "XGBoosterCreate": fn(*const Handle, u64, *mut Handle);
    booster_free = "XGBoosterFree": fn(Handle);
    booster_param = "XGBoosterSetParam": fn(Handle, *const c_char, *const c_char);
    booster_attr = "XGBoosterSetAttr": fn(Handle, *const c_char, *const c_char);
    booster_update = "XGBoosterUpdateOneIter": fn(Handle, c_int, Handle);
    booster_eval = "XGBoosterEvalOneIter": fn(Handle, c_int, *const Handle, *const *const c_char, u64, *mut *const c_char);
    booster_predict = "XGBoosterPredictFromDMatrix": fn(Handle, Handle, *const c_char, *mut *const u64, *mut u64, *mut *const c_float);
    booster_slice = "XGBoosterSlice": fn(Handle, c_int, c_int, c_int, *mut Handle);
    booster_save = "XGBoosterSaveModelToBuffer": fn(Handle, *const c_char, *mut u64, *mut *const c_char);
    version = "XGBoostVersion": fn(*mut c_int, *mut c_int, *mut c_int);
}

/// The loaded library.
pub struct Library {
    api: Api,
    // After `api`, so that it is unloaded last.
    _dynamic: Dynamic,
}

fn text(value: &str) -> Result<CString> {
    CString::new(value).map_err(|_| XgboostError(format!("{value:?} has a zero byte")))
}

impl Library {
    /// Loads `libxgboost.so` of XGBoost 1.7 or later.
    pub fn open(path: &Path) -> Result<Library> {
        let failed = |e: libloading::Error| XgboostError(format!("cannot load {}: {e}", path.display()));
        // SAFETY: the path comes from the platform, not from a job, and names XGBoost's library.
        let dynamic = unsafe { Dynamic::new(path) }.map_err(failed)?;
        Ok(Library { api: Api::load(&dynamic).map_err(failed)?, _dynamic: dynamic })
    }

    fn check(&self, code: c_int) -> Result<()> {
        if code == 0 {
            return Ok(());
        }
        // SAFETY: the library returns a zero-terminated text that is valid until its next error in this thread.
        let message = unsafe { CStr::from_ptr((self.api.last_error)()) }.to_string_lossy().into_owned();
        Err(XgboostError(message))
    }

    /// Major, minor, patch.
    pub fn version(&self) -> Result<(i32, i32, i32)> {
        let (mut major, mut minor, mut patch) = (0, 0, 0);
        // SAFETY: three places for three numbers.
        self.check(unsafe { (self.api.version)(&mut major, &mut minor, &mut patch) })?;
        Ok((major, minor, patch))
    }

    /// A matrix of a training set, labelled and weighted.
    pub fn matrix(&self, table: &Table) -> Result<Matrix<'_>> {
        let mut handle = ptr::null_mut();
        match &table.features {
            Features::Dense(values) => {
                // SAFETY: `values` holds rows times columns floats; the library copies them.
                let code = unsafe {
                    (self.api.matrix_dense)(
                        values.as_ptr(),
                        table.num_rows() as u64,
                        table.num_columns as u64,
                        f32::NAN,
                        &mut handle,
                    )
                };
                self.check(code)?;
            }
            Features::Sparse { starts, columns, values } => {
                let starts = text(&interface(starts.as_ptr().cast(), starts.len(), "<u8"))?;
                let columns = text(&interface(columns.as_ptr().cast(), columns.len(), "<u4"))?;
                let values = text(&interface(values.as_ptr().cast(), values.len(), "<f4"))?;
                let config = text(r#"{"missing": NaN}"#)?;
                // SAFETY: the interfaces describe slices that outlive the call; the library copies them.
                let code = unsafe {
                    (self.api.matrix_sparse)(
                        starts.as_ptr(),
                        columns.as_ptr(),
                        values.as_ptr(),
                        table.num_columns as u64,
                        config.as_ptr(),
                        &mut handle,
                    )
                };
                self.check(code)?;
            }
        }
        let matrix = Matrix { library: self, handle, num_rows: table.num_rows() };
        matrix.set("label", &table.labels)?;
        if !table.weights.is_empty() {
            matrix.set("weight", &table.weights)?;
        }
        Ok(matrix)
    }

    /// An untrained booster that knows the matrices it will see.
    pub fn booster(&self, matrices: &[&Matrix<'_>]) -> Result<Booster<'_>> {
        let handles: Vec<Handle> = matrices.iter().map(|m| m.handle).collect();
        let mut handle = ptr::null_mut();
        // SAFETY: live handles of this library.
        self.check(unsafe { (self.api.booster_create)(handles.as_ptr(), handles.len() as u64, &mut handle) })?;
        Ok(Booster { library: self, handle })
    }
}

/// numpy's array interface of a slice, as XGBoost reads it.
fn interface(data: *const c_void, length: usize, kind: &str) -> String {
    // A null pointer is not allowed even for nothing.
    let address = if length == 0 { 8 } else { data as usize };
    format!(r#"{{"data": [{address}, true], "shape": [{length}], "typestr": "{kind}", "version": 3}}"#)
}

/// A `DMatrix`.
pub struct Matrix<'a> {
    library: &'a Library,
    handle: Handle,
    pub num_rows: usize,
}

impl Matrix<'_> {
    fn set(&self, field: &str, values: &[f32]) -> Result<()> {
        let (field, data) = (text(field)?, text(&interface(values.as_ptr().cast(), values.len(), "<f4"))?);
        // SAFETY: the interface describes a slice that outlives the call.
        self.library.check(unsafe { (self.library.api.matrix_info)(self.handle, field.as_ptr(), data.as_ptr()) })
    }
}

impl Drop for Matrix<'_> {
    fn drop(&mut self) {
        // SAFETY: the handle is ours and freed once.
        unsafe { (self.library.api.matrix_free)(self.handle) };
    }
}

/// A `Booster`.
pub struct Booster<'a> {
    library: &'a Library,
    handle: Handle,
}

impl<'a> Booster<'a> {
    pub fn set_param(&self, name: &str, value: &str) -> Result<()> {
        let (name, value) = (text(name)?, text(value)?);
        // SAFETY: two zero-terminated texts.
        self.library.check(unsafe { (self.library.api.booster_param)(self.handle, name.as_ptr(), value.as_ptr()) })
    }

    pub fn set_attribute(&self, name: &str, value: &str) -> Result<()> {
        let (name, value) = (text(name)?, text(value)?);
        // SAFETY: two zero-terminated texts.
        self.library.check(unsafe { (self.library.api.booster_attr)(self.handle, name.as_ptr(), value.as_ptr()) })
    }

    /// One round of boosting.
    pub fn update(&self, round: i32, train: &Matrix<'_>) -> Result<()> {
        // SAFETY: live handles.
        self.library.check(unsafe { (self.library.api.booster_update)(self.handle, round, train.handle) })
    }

    /// Metrics of each named matrix as (`train-rmse`, value), in the order of the matrices.
    pub fn evaluate(&self, round: i32, sets: &[(&str, &Matrix<'_>)]) -> Result<Vec<(String, f64)>> {
        let handles: Vec<Handle> = sets.iter().map(|(_, m)| m.handle).collect();
        let names: Vec<CString> = sets.iter().map(|(name, _)| text(name)).collect::<Result<_>>()?;
        let names: Vec<*const c_char> = names.iter().map(|n| n.as_ptr()).collect();
        let mut out = ptr::null();
        // SAFETY: as many handles as names; the text returned lives until the booster's next call.
        let line = unsafe {
            let api = &self.library.api;
            self.library.check((api.booster_eval)(
                self.handle,
                round,
                handles.as_ptr(),
                names.as_ptr(),
                sets.len() as u64,
                &mut out,
            ))?;
            CStr::from_ptr(out).to_string_lossy().into_owned()
        };
        let parts = line.split('\t').skip(1).filter_map(|part| part.rsplit_once(':'));
        Ok(parts.map(|(name, value)| (name.to_string(), value.trim().parse().unwrap_or(f64::NAN))).collect())
    }

    /// Margins (`margin`) or predictions of a matrix, row after row.
    pub fn predict(&self, matrix: &Matrix<'_>, margin: bool) -> Result<Vec<f32>> {
        let config = text(&format!(
            r#"{{"type": {}, "training": false, "iteration_begin": 0, "iteration_end": 0, "strict_shape": false}}"#,
            u8::from(margin)
        ))?;
        let (mut shape, mut dimensions, mut values) = (ptr::null(), 0, ptr::null());
        // SAFETY: the library owns shape and values until the booster's next call; they are copied at once.
        unsafe {
            let api = &self.library.api;
            let code = (api.booster_predict)(
                self.handle,
                matrix.handle,
                config.as_ptr(),
                &mut shape,
                &mut dimensions,
                &mut values,
            );
            self.library.check(code)?;
            let length: u64 = std::slice::from_raw_parts(shape, dimensions as usize).iter().product();
            Ok(std::slice::from_raw_parts(values, length as usize).to_vec())
        }
    }

    /// The first `rounds` rounds.
    pub fn first_rounds(&self, rounds: i32) -> Result<Booster<'a>> {
        let mut handle = ptr::null_mut();
        // SAFETY: a live handle and a place for another.
        self.library.check(unsafe { (self.library.api.booster_slice)(self.handle, 0, rounds, 1, &mut handle) })?;
        Ok(Booster { library: self.library, handle })
    }

    /// The model file's bytes; `format` is `ubj` or `json`.
    pub fn save(&self, format: &str) -> Result<Vec<u8>> {
        let config = text(&format!(r#"{{"format": "{format}"}}"#))?;
        let (mut length, mut bytes) = (0, ptr::null());
        // SAFETY: the library owns the bytes until the booster's next call; they are copied at once.
        unsafe {
            self.library.check((self.library.api.booster_save)(
                self.handle,
                config.as_ptr(),
                &mut length,
                &mut bytes,
            ))?;
            Ok(std::slice::from_raw_parts(bytes.cast::<u8>(), length as usize).to_vec())
        }
    }
}

impl Drop for Booster<'_> {
    fn drop(&mut self) {
        // SAFETY: the handle is ours and freed once.
        unsafe { (self.library.api.booster_free)(self.handle) };
    }
}
